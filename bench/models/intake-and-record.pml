/*
 * Two roads in, one record.
 *
 * Two submissions of one order id with different content: 0 is handed to an API, which sends it by the broker, the
 * spool or both; 1 was published by another producer and lies in the queue. Two consumers record them. Any process,
 * server or channel may end at any step, at most FAULTS times together. Promises: a 2xx means durable, one effect,
 * nothing vanishes, each gets its outcome, every request ends.
 *
 * Left out: that many orders share a message and a transaction (outage.pml), who is tried alone (quarantine.pml).
 */
#ifndef FAULTS
#define FAULTS 1
#endif
#define FAULT faults > 0 -> faults--

byte faults = FAULTS;

/* ---- PostgreSQL: what is committed outlives everything. ---- */
bool db = true;
byte recorded = 0; /* orders: 0, or 1 + the content recorded under the id */
byte sums = 0;     /* customers.order_count */
byte rejected[2];  /* rejections: the open rows of a content, one bit a key */
byte free[2];      /* spool: rows by content that anybody may claim */
byte orphan[2];    /* spool: rows whose claimer has ended before their lease */
byte claim[2];     /* spool: by consumer, 1 + the content of the row it has a lease on */

/* ---- RabbitMQ: a durable replicated queue. ---- */
bool broker = true;
bool bound = true;       /* the intake queue exists */
byte fresh[2], again[2]; /* ready messages by content; again: delivered before */
byte mine[2];            /* by consumer: 1 + the content that its living channel holds unacknowledged */
mtype = { IDLE, SENT, CONFIRMED, RETURNED, GONE };
mtype wire = IDLE;       /* the API's publish */

/* ---- What clients know. ---- */
bool accepted[2]; /* answered 2xx, or confirmed to the other producer */
bool closed;      /* content 0: answered at all, or the connection ended with the API */

#define IN_SPOOL(c) (free[c] > 0 || orphan[c] > 0 || claim[0] == c + 1 || claim[1] == c + 1)
#define AT_BROKER(c) (fresh[c] > 0 || again[c] > 0 || mine[0] == c + 1 || mine[1] == c + 1)
#define SETTLED(c) (recorded == c + 1 || rejected[c] > 0)

/* What holds after every step that commits, acknowledges or destroys something. */
inline check() {
  assert(sums <= 1 && (sums == 1) == (recorded != 0)); /* one effect */
  assert(!rejected[0] || recorded == 2);               /* only the loser is rejected, and by the winner */
  assert(!rejected[1] || recorded == 1);
  assert(rejected[0] != 3 && rejected[1] != 3);        /* one conflict, one row */
  assert(!accepted[0] || SETTLED(0) || AT_BROKER(0) || IN_SPOOL(0)); /* a 2xx means durable, nothing vanishes */
  assert(!accepted[1] || SETTLED(1) || AT_BROKER(1) || IN_SPOOL(1))
}

inline give_back(i) { /* a channel ends: what it held unacknowledged is ready again */
  if :: mine[i] > 0 -> again[mine[i] - 1]++; mine[i] = 0 :: else fi
}

/* ---- apps/api: POST /v1/orders ---- */
proctype Api() {
#ifdef NO_BROKER_ROAD
  goto spooling;
#endif
  if /* publish */
  :: atomic { broker -> wire = SENT }
  :: atomic { !broker -> wire = GONE; goto spooling }
  :: atomic { FAULT; goto ended }
  fi;
#ifdef NO_CONFIRM
  atomic { accepted[0] = true; check(); goto ended }
#endif
  if
  :: wire == CONFIRMED -> goto accept
  :: atomic { wire == RETURNED -> bound = true } /* redeclare */
#ifndef NO_DEADLINE
  :: atomic { wire != RETURNED -> wire = GONE } /* given up: it may be stored all the same */
#endif
  :: atomic { FAULT; goto ended }
  fi;
spooling:
#ifdef NO_SPOOL_ROAD
  atomic { assert(!db); goto ended }
#endif
  if
#ifdef NO_SPOOL_COMMIT
  :: atomic { db -> accepted[0] = true; check() } if :: atomic { db -> free[0]++ } :: !db fi; goto ended
#else
  :: atomic { db -> free[0]++ } /* spoolOrders */
#endif
  :: atomic { db && FAULT; db = false; free[0]++; goto refused } /* committed, and not told */
  :: !db -> goto refused
  :: atomic { FAULT; goto ended }
  fi;
accept:
  if
  :: atomic { true -> accepted[0] = true; check(); goto ended }
  :: atomic { FAULT; goto ended }
  fi;
refused: /* 503 only with both gone: the broker was tried, and the database has just failed */
  assert(wire == GONE || wire == RETURNED);
ended:
  closed = true
}

/* ---- apps/consumer ---- */
hidden byte live; /* within a transaction: the spool row is still there */

/* The transaction of recordOrders: the row's deletion decides, the primary key decides, the fingerprint compares. */
inline record_transaction() {
  if
  :: !from_spool -> live = true
  :: from_spool && claim[me] > 0 -> live = true; claim[me] = 0
  :: else -> /* the lease ran out: the row may be free, claimed by the other, or settled */
    if
    :: free[c] > 0 -> live = true; free[c]--
    :: free[c] == 0 && claim[1 - me] == c + 1 -> live = true; claim[1 - me] = 0
    :: else -> live = false
    fi
  fi;
#ifdef NO_DELETE_IN_TRANSACTION
  live = true;
#endif
  if
  :: !live
#ifdef NO_UNIQUE
  :: live && !seen -> recorded = c + 1; sums++
  :: live && seen && recorded == c + 1
#else
  :: live && recorded == 0 -> recorded = c + 1; sums++
  :: live && recorded == c + 1 /* the same again */
#endif
  :: else ->
#ifdef NO_FINGERPRINT
    skip
#elif defined(NO_REJECTION_IN_TRANSACTION)
    owed = true
#elif defined(NO_SAME_BYTES)
    rejected[c] = rejected[c] | (1 << from_spool)
#else
    rejected[c] = 1
#endif
  fi
}

proctype Consumer(byte me) {
  bit c, from_spool;
#ifdef NO_UNIQUE
  bool seen;
#endif
#ifdef NO_REJECTION_IN_TRANSACTION
  bool owed;
#endif
idle:
  if /* takeDeliveries, claimSpooled */
  :: atomic { broker && fresh[0] > 0 -> fresh[0]--; mine[me] = 1; c = 0 }
  :: atomic { broker && fresh[1] > 0 -> fresh[1]--; mine[me] = 2; c = 1 }
  :: atomic { broker && again[0] > 0 -> again[0]--; mine[me] = 1; c = 0; goto suspect }
  :: atomic { broker && again[1] > 0 -> again[1]--; mine[me] = 2; c = 1; goto suspect }
  :: atomic { db && free[0] > 0 -> free[0]--; claim[me] = 1; c = 0; from_spool = 1 }
  :: atomic { db && free[1] > 0 -> free[1]--; claim[me] = 2; c = 1; from_spool = 1 }
  fi;
#ifdef NO_DELETE_IN_TRANSACTION
  claim[me] = 0; /* deleted when it was claimed */
#endif
#ifdef NO_ACK_AFTER_COMMIT
  atomic { mine[me] = 0; check() }
#endif
#ifdef NO_UNIQUE
  seen = recorded != 0;
#endif
  if
  :: atomic { db -> record_transaction(); check() }
  :: atomic { db && FAULT; db = false; record_transaction(); check(); goto outage } /* committed, and not told */
  :: !db -> goto outage
  :: atomic { FAULT; goto ended }
  fi;
acknowledge:
  if
  :: atomic { true -> mine[me] = 0; check() } /* nothing, if the channel is gone */
  :: atomic { FAULT; goto ended }
  fi;
#ifdef NO_REJECTION_IN_TRANSACTION
  if
  :: owed -> if :: atomic { db -> rejected[c] = 1; owed = false } :: atomic { FAULT; goto ended } fi
  :: else
  fi;
#endif
  atomic { c = 0; from_spool = 0; goto idle }

suspect: /* what comes back moves to the spool, then it is acknowledged */
#ifdef NO_ACK_AFTER_SPOOLING
  atomic { mine[me] = 0; check() }
#endif
  if
  :: atomic { db -> free[c]++; goto acknowledge }
  :: atomic { db && FAULT; db = false; free[c]++; goto outage }
  :: !db -> goto outage
  :: atomic { FAULT; goto ended }
  fi;

outage: /* protocol.ts */
#ifdef NO_OUTAGE /* taken for a fault of the data: rejected as soon as the database answers */
  atomic { db -> rejected[c] = 1; mine[me] = 0; check() } goto acknowledge;
#endif
  if
  :: atomic { db && from_spool ->  /* releaseSpooled */
      if :: claim[me] > 0 -> free[c]++; claim[me] = 0 :: else fi;
      c = 0; from_spool = 0; goto idle }
  :: db && !from_spool -> goto suspect
  :: atomic { !db && !from_spool -> give_back(me) } atomic { db -> c = 0; goto idle } /* a long one: handed back */
  :: atomic { FAULT; goto ended }
  fi;

ended: /* the process ends, and another starts in its place */
  atomic {
    give_back(me);
    if :: claim[me] > 0 -> orphan[claim[me] - 1]++; claim[me] = 0 :: else fi;
    c = 0; from_spool = 0;
    check();
    goto idle
  }
}

inline broker_ends() {
  broker = false;
#ifdef NO_DURABLE
  fresh[0] = 0; fresh[1] = 0; again[0] = 0; again[1] = 0; mine[0] = 0; mine[1] = 0;
#endif
  give_back(0);
  give_back(1);
  if :: wire == SENT -> wire = GONE :: else fi
}

#ifdef NO_MANDATORY
#define UNROUTABLE CONFIRMED
#else
#define UNROUTABLE RETURNED
#endif
#ifdef NO_LEASE_END
#define LEASE_ENDS(c) false
#else
#define LEASE_ENDS(c) atomic { orphan[c] > 0 -> orphan[c]--; free[c]++ }
#endif

/* What happens to the servers, and what they do by themselves. */
proctype World() {
  do
  :: atomic { broker && wire == SENT -> if :: bound -> fresh[0]++; wire = CONFIRMED :: else -> wire = UNROUTABLE fi }
  :: LEASE_ENDS(0)
  :: LEASE_ENDS(1)
  :: atomic { claim[0] > 0 && FAULT; free[claim[0] - 1]++; claim[0] = 0 } /* a lease ends, its holder is only slow */
  :: atomic { mine[0] > 0 && FAULT; give_back(0) } /* a channel is lost */
  :: atomic { bound && !AT_BROKER(0) && !AT_BROKER(1) && FAULT; bound = false } /* the queue is deleted */
  :: atomic { broker && FAULT; broker_ends(); check() }
  :: !broker -> broker = true
  :: atomic { db && FAULT; db = false }
  :: !db -> db = true
  od
}

init {
  atomic { fresh[1] = 1; accepted[1] = true; run Api(); run Consumer(0); run Consumer(1); run World() }
}

/* What is accepted gets its outcome; nothing is left lying; every request ends. */
ltl settled { [] ((accepted[0] -> <> SETTLED(0)) && (accepted[1] -> <> SETTLED(1))) }
ltl drained { <> (closed && !AT_BROKER(0) && !AT_BROKER(1) && !IN_SPOOL(0) && !IN_SPOOL(1)) }
ltl answered { <> closed }
