/*
 * What ends whatever tries it ends as poison after its fourth try; a bystander never does.
 *
 * Message 0 ends the process that tries it (or, with -DKILLS_DATABASE, the database); message 1 is a bystander. Each
 * begins at the broker or in the spool. CONSUMERS consumers deliver, claim, try together, try alone. From outside, at
 * most FAULTS times together, a consumer or the database ends, a channel is lost, or the database answers a try with an
 * error.
 *
 * Two counts that no code keeps tell what is right: `real`, the tries that count by the contract, and `hits`, how often
 * something else ended what tried a message alone (which looks the same to everybody).
 *
 * Left out: leases that end while their holder lives, and copies of a message (intake-and-record.pml has both).
 */
#ifndef FAULTS
#define FAULTS 1
#endif
#ifndef CONSUMERS
#define CONSUMERS 2
#endif
#define FAULT faults > 0 -> faults--
#ifdef ONLY_ANSWERS /* for runs that are drawn at random, in which others would come first */
#define END false
#else
#define END FAULT
#endif
#define TRIES_TOGETHER 2 /* claimSpooled */
#define PROMISED_TRIES 4 /* the contract */
#ifdef NO_POISON
#define MOST_TRIES 9
#else
#define MOST_TRIES 4 /* startSpoolLoop */
#endif
#define KILLER 0
#define NOTHING 2

byte faults = FAULTS;
bool db = true;

/* Where each message is: at the broker (FRESH, AGAIN: delivered before, UNACKED: with its holder), in the spool (FREE,
   LEASED: with its holder, ORPHAN: its holder has ended), or settled. */
mtype = { FRESH, AGAIN, UNACKED, FREE, LEASED, ORPHAN, RECORDED, POISON };
mtype at[2];
/* What its holder does with it: it waits in the recording queue, is tried together with others or alone, or met an outage:
   before it was tried, while it was tried together, while it was tried alone. */
mtype = { NO, WAITS, TOGETHER, ALONE, UNTRIED, STALLED, STALLED_ALONE };
mtype doing[2] = NO;
byte holder[2];
byte tries[2];
bool suspect[2];
bool held[CONSUMERS];     /* its recording queue stands still: an outage */
bool reserved[CONSUMERS]; /* its recording queue starts nothing: something is tried alone */

byte real[2], hits[2], kills;
#define ONE_MORE(count) if :: count < 12 -> count++ :: else fi /* a count without an end would be states without an end */

/* What record-traces.mjs reads from a run: a step, and the state that it leaves. */
#ifdef TRACE
#define NOTE(step, m) printf(#step); printf(" %d %e %e %d %d %d %d %e %e %d %d\n", \
  m, at[0], at[1], tries[0], tries[1], suspect[0], suspect[1], doing[0], doing[1], held[0], kills)
#else
#define NOTE(step, m) skip
#endif

#define MINE(m) (doing[m] != NO && holder[m] == me)
#define COUNTED(m) (at[m] == LEASED && doing[m] != STALLED_ALONE) /* the try that it is in has not ended */
#define SETTLED(m) (at[m] == RECORDED || at[m] == POISON)

inline check(m) {
  assert(SETTLED(m) || tries[m] <= real[m] + COUNTED(m)) /* no try is counted that was none */
}

inline leave(m, place) { at[m] = place; doing[m] = NO; holder[m] = 0 }

inline lose(m, who, cause) { /* the holder of a message ends */
  if
  :: doing[m] != NO && holder[m] == who ->
    if :: doing[m] == ALONE && m != cause -> hits[m]++ :: else fi;
    if :: doing[m] != STALLED_ALONE -> ONE_MORE(real[m]) :: else fi;
    if :: at[m] == UNACKED -> leave(m, AGAIN) :: else -> leave(m, ORPHAN) fi;
    check(m)
  :: else
  fi
}

inline process_ends(who, cause) {
  lose(0, who, cause);
  lose(1, who, cause);
  held[who] = false;
  reserved[who] = false
}

inline stall(m, cause) { /* the database ends while it is tried */
  if
  :: doing[m] == TOGETHER -> doing[m] = STALLED; held[holder[m]] = true
  :: doing[m] == ALONE ->
    doing[m] = STALLED_ALONE; held[holder[m]] = true; reserved[holder[m]] = false; ONE_MORE(real[m]);
    if :: m != cause -> hits[m]++ :: else fi
  :: else
  fi
}

inline database_ends(cause) { db = false; stall(0, cause); stall(1, cause) }

inline poison(m) { /* toPoison */
  assert(real[m] >= PROMISED_TRIES);
#ifndef STRICT
  assert(m == KILLER || hits[m] >= 2);
#else
  assert(m == KILLER);
#endif
  leave(m, POISON)
}

inline finish(m) { /* a try comes to its end, while the database answers */
  if :: doing[m] == ALONE -> reserved[me] = false :: else fi;
  if
  :: tries[m] > MOST_TRIES -> poison(m)
  :: tries[m] <= MOST_TRIES && m != KILLER -> leave(m, RECORDED)
  :: else ->
    ONE_MORE(kills);
#ifdef KILLS_DATABASE
    assert(kills <= PROMISED_TRIES + 1); /* what was tried with others when the database ended does not count */
    database_ends(m)
#else
    assert(kills <= PROMISED_TRIES);
    process_ends(me, m)
#endif
  fi
}

inline answer(m) { /* recordBatch, deferSubmissions, step: the database answers, and does not do it; whatever it says, no try */
  if :: doing[m] == ALONE -> reserved[me] = false :: else fi;
#ifndef NO_UNCOUNTED_ANSWER
  if :: at[m] == LEASED -> tries[m]-- :: else fi;
#endif
  suspect[m] = doing[m] == ALONE;
  leave(m, FREE);
  check(m)
}

inline give_back(m) { /* goOn, when a probe has passed */
  if /* spoolOrders, releaseSpooled */
  :: MINE(m) && doing[m] != WAITS && at[m] == UNACKED -> leave(m, FREE)
    suspect[m] = true
  :: MINE(m) && doing[m] == STALLED && at[m] == LEASED -> leave(m, FREE)
#ifdef NO_UNCOUNTED_OUTAGE
    real[m] = real[m];
#elif !defined(NO_COUNT_BEFORE)
    tries[m]--;
#endif
    suspect[m] = true
  :: MINE(m) && doing[m] == UNTRIED -> leave(m, FREE)
#ifndef NO_COUNT_BEFORE
    tries[m]--;
#endif
    suspect[m] = false
  :: MINE(m) && doing[m] == STALLED_ALONE -> leave(m, FREE)
#if defined(NO_COUNTED_OUTAGE_ALONE)
    tries[m]--; real[m]--
#elif defined(NO_COUNT_BEFORE)
    tries[m]++
#endif
  :: else
  fi;
#ifdef NO_SUSPICION_AFTER_OUTAGE
  suspect[m] = tries[m] >= TRIES_TOGETHER;
#endif
  check(m)
}

inline hand_back(m) { /* a long outage: hand_back */
  if
  :: MINE(m) && at[m] == UNACKED -> ONE_MORE(real[m]); leave(m, AGAIN)
#ifdef NO_ROWS_GIVEN_BACK
  :: MINE(m) && at[m] == LEASED && doing[m] == WAITS -> leave(m, ORPHAN)
#else
  :: MINE(m) && at[m] == LEASED && doing[m] == WAITS -> doing[m] = UNTRIED
#endif
  :: else
  fi;
  check(m)
}

#ifdef NO_COUNT_BEFORE
#define COUNT(m) skip
#else
#define COUNT(m) tries[m]++
#endif
#ifdef NO_QUARANTINE
#define TAKEN(m) (at[m] == FRESH || at[m] == AGAIN)
#else
#define TAKEN(m) (at[m] == FRESH)
#endif
#ifdef NO_ALONE
#define TOGETHER_ONLY true
#else
#define TOGETHER_ONLY false
#endif
#ifdef ONE_EVERYWHERE
#define NOBODY_ALONE (doing[0] != ALONE && doing[1] != ALONE)
#else
#define NOBODY_ALONE true
#endif
#ifdef NO_QUIET
#define QUIET true
#else
#define QUIET !(holder[0] == me && doing[0] == TOGETHER) && !(holder[1] == me && doing[1] == TOGETHER)
#endif
#define MESSAGE(m) \
  /* takeDeliveries: what is new waits for its record; what comes back moves to the spool, and is acknowledged */ \
  :: atomic { TAKEN(m) -> at[m] = UNACKED; holder[m] = me; doing[m] = WAITS; NOTE(take, m) } \
  :: atomic { db && !held[me] && at[m] == AGAIN -> at[m] = FREE; tries[m] = 1; suspect[m] = false; check(m); \
      NOTE(spool, m) } \
  /* claimSpooled: the try is counted before it is made */ \
  :: atomic { db && !held[me] && at[m] == FREE && (!suspect[m] || TOGETHER_ONLY) -> \
      COUNT(m); suspect[m] = tries[m] >= TRIES_TOGETHER; at[m] = LEASED; holder[m] = me; doing[m] = WAITS; \
      assert(tries[m] <= TRIES_TOGETHER || TOGETHER_ONLY); check(m); NOTE(claim, m) } \
  /* createRecordingQueue: a batch is started, together with whatever else is in flight */ \
  :: atomic { MINE(m) && doing[m] == WAITS && !held[me] && !reserved[me] -> \
      if :: db -> doing[m] = TOGETHER :: else -> doing[m] = STALLED; held[me] = true fi; NOTE(start, m) } \
  :: atomic { db && MINE(m) && doing[m] == TOGETHER -> finish(m); NOTE(finish, m) } \
  :: atomic { db && MINE(m) && (doing[m] == TOGETHER || doing[m] == ALONE) && FAULT; answer(m); NOTE(answer, m) } \
  /* trySuspect: the queue starts nothing, then claimSuspect, then it is tried with nothing else in flight */ \
  :: atomic { db && !held[me] && !reserved[me] && at[m] == FREE && suspect[m] && !TOGETHER_ONLY -> \
      reserved[me] = true; NOTE(reserve, m) } \
  :: atomic { db && reserved[me] && at[m] == FREE && suspect[m] && QUIET && !BUSY_ALONE && NOBODY_ALONE -> \
      COUNT(m); at[m] = LEASED; holder[m] = me; doing[m] = ALONE; check(m); NOTE(claim_alone, m) } \
  :: atomic { db && MINE(m) && doing[m] == ALONE -> \
      assert(doing[1 - m] != TOGETHER || holder[1 - m] != me); /* nothing else is in flight */ \
      finish(m); NOTE(finish, m) }

#define BUSY_ALONE ((holder[0] == me && doing[0] == ALONE) || (holder[1] == me && doing[1] == ALONE))

proctype Consumer(byte me) {
  do
  MESSAGE(0)
  MESSAGE(1)
  :: atomic { db && reserved[me] && !BUSY_ALONE && !(at[0] == FREE && suspect[0]) && !(at[1] == FREE && suspect[1]) ->
      reserved[me] = false; NOTE(unreserve, NOTHING) } /* another was faster */
  :: atomic { db && held[me] -> give_back(0); give_back(1); held[me] = false; NOTE(give_back, NOTHING) } /* protocol.ts */
  :: atomic { !db && held[me] && ((MINE(0) && doing[0] == WAITS) || (MINE(1) && doing[1] == WAITS) ||
                                  (MINE(0) && at[0] == UNACKED) || (MINE(1) && at[1] == UNACKED)) ->
      hand_back(0); hand_back(1); NOTE(hand_back, NOTHING) }
  :: atomic { END; process_ends(me, NOTHING); NOTE(end_process, NOTHING) }
  od
}

proctype World() {
  do
  :: atomic { db && END; database_ends(NOTHING); NOTE(database_ends, NOTHING) }
  :: atomic { !db -> db = true; NOTE(database_returns, NOTHING) }
  :: atomic { at[0] == UNACKED && END; ONE_MORE(real[0]); leave(0, AGAIN); NOTE(lose_channel, 0) }
  :: atomic { at[1] == UNACKED && END; ONE_MORE(real[1]); leave(1, AGAIN); NOTE(lose_channel, 1) }
  :: atomic { at[0] == ORPHAN -> at[0] = FREE; NOTE(end_lease, 0) }
  :: atomic { at[1] == ORPHAN -> at[1] = FREE; NOTE(end_lease, 1) }
  od
}

init {
  atomic {
    if :: at[0] = FRESH :: at[0] = FREE fi;
    if :: at[1] = FRESH :: at[1] = FREE fi;
    NOTE(begin, NOTHING);
    run World();
    run Consumer(0);
#if CONSUMERS > 1
    run Consumer(1)
#endif
  }
}

ltl ending { <> (at[KILLER] == POISON && SETTLED(1)) }
