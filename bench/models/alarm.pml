/*
 * A broker that takes no publishes stops nothing but publishing.
 *
 * An alarm of the broker (memory, disk) blocks every connection that publishes. It may begin at any time, FAULTS times,
 * and may never end; so whatever holds here holds too when only the draining of the queue ends it. The queue holds an
 * order (0) and a body too large to be one; two more orders (1 and 2) come by the API. Nothing else fails here.
 *
 * The consumer's publishes settle only when the alarm ends: the model does not lean on their deadline, which in the code
 * bounds the same waits once more.
 */
#ifndef FAULTS
#define FAULTS 2
#endif
#define WINDOW 1 /* messages that may be unconfirmed */

bool alarm;
byte alarms = FAULTS;
mtype = { ABSENT, QUEUED, HELD, DONE };
mtype message[3] = ABSENT; /* by order: its message on the queue; HELD: with the consumer, unacknowledged */
mtype big = QUEUED;        /* the oversized body's message */
bool unacknowledged;       /* the consumer's prefetch is 1 here */
bool dead_lettered, kept;  /* the oversized body: with the dead letters, or waiting in the database */
bool spooled[3], recorded[3], outbox[3], announced[3];
bool swept;                /* another process's sweep has claimed the outbox row of order 0 */
byte to_tell, told;        /* the consumer's memory, bit o is order o */
bool answered[3];          /* the API's orders */
byte unconfirmed;          /* the API's */

#define ALL_RECORDED (recorded[0] && recorded[1] && recorded[2])
#define IDLE(o) (message[o] == ABSENT || message[o] == DONE)
#define QUEUE_EMPTY (big == DONE && IDLE(0) && IDLE(1) && IDLE(2))
#define ALL_ANNOUNCED (announced[0] && announced[1] && announced[2])

proctype Api(byte o) {
  bool sent;
  if
#ifdef NO_WINDOW
  :: atomic { true -> sent = true; unconfirmed++; assert(unconfirmed <= WINDOW) }
#else
  :: atomic { unconfirmed < WINDOW -> sent = true; unconfirmed++; assert(unconfirmed <= WINDOW) }
  :: unconfirmed >= WINDOW || alarm -> goto spooling /* "unavailable" at once */
#endif
  fi;
  if
  :: atomic { !alarm -> message[o] = QUEUED; sent = false; unconfirmed--; answered[o] = true; goto done }
#ifndef NO_DEADLINE
  :: alarm -> skip /* past its deadline: the connection is reset, so that the bytes are gone */
#endif
  fi;
  atomic {
    unconfirmed--;
#ifndef NO_RESET
    sent = false
#endif
  };
spooling:
#ifdef NO_SPOOL_ROAD
  assert(false); /* refused, though the database was there */
#endif
  atomic { spooled[o] = true; answered[o] = true };
done:
  if
  :: atomic { sent && !alarm -> assert(!answered[o]) } /* delivered later, after the order went another way */
  :: !sent
  fi
}

#ifdef NO_SEPARATE_CONNECTION
#define CAN_ACKNOWLEDGE !alarm /* the broker reads nothing from a connection that it blocks */
#else
#define CAN_ACKNOWLEDGE true
#endif
#ifdef NO_CLAIM
#define CAN_RECORD !((told & 1) && swept) /* the sweep's transaction locks its row for as long as it waits for the broker */
#elif defined(NO_ANNOUNCING_APART)
#define CAN_RECORD to_tell == 0 /* announcing holds the batch's place */
#else
#define CAN_RECORD true
#endif

inline record_transaction(o) {
  if :: told & 1 -> outbox[0] = false :: else fi;
  if :: told & 2 -> outbox[1] = false :: else fi;
  if :: told & 4 -> outbox[2] = false :: else fi;
  told = 0;
  if :: !recorded[o] -> recorded[o] = true; outbox[o] = true; to_tell = to_tell | (1 << o) :: else fi
}

#define ORDER(o) \
  :: atomic { message[o] == QUEUED && !unacknowledged -> message[o] = HELD; unacknowledged = true } \
  :: atomic { message[o] == HELD && !recorded[o] && CAN_RECORD -> record_transaction(o) } \
  :: atomic { message[o] == HELD && recorded[o] && CAN_ACKNOWLEDGE -> message[o] = DONE; unacknowledged = false } \
  :: atomic { spooled[o] && CAN_RECORD -> record_transaction(o); spooled[o] = false } \
  :: atomic { (to_tell & (1 << o)) && !alarm -> \
      announced[o] = true; to_tell = to_tell & ~(1 << o); told = told | (1 << o) }

proctype Consumer() {
  do
  ORDER(0)
  ORDER(1)
  ORDER(2)
  /* openOversized: acknowledged once it is safe elsewhere, and the database is always elsewhere enough */
  :: atomic { big == QUEUED && !unacknowledged -> big = HELD; unacknowledged = true }
  :: atomic { big == HELD && !dead_lettered && !kept && !alarm -> dead_lettered = true }
#ifndef NO_ROOM_FOR_OVERSIZED
  :: atomic { big == HELD && !dead_lettered && !kept && alarm -> kept = true }
#endif
  :: atomic { big == HELD && (dead_lettered || kept) && CAN_ACKNOWLEDGE -> big = DONE; unacknowledged = false }
#ifndef NO_PASSING_ON
  :: atomic { kept && !alarm -> dead_lettered = true; kept = false }
#endif
  /* by itself when idle */
  :: atomic { told == 1 && outbox[0] -> outbox[0] = false; told = 0 }
  /* sweepOutbox, of another process; here only to spare the model one */
  :: atomic { outbox[0] && !swept -> swept = true }
  :: atomic { swept && !alarm -> announced[0] = true; outbox[0] = false; swept = false }
  od
}

proctype World() {
  do
  :: atomic { !alarm && alarms > 0 -> alarms--; alarm = true }
  :: alarm -> alarm = false
  :: break /* as it is now it stays */
  od
}

init {
  atomic {
    message[0] = QUEUED;
    run Api(1); run Api(2); run Consumer(); run World()
  }
}

/* While an alarm lasts, for ever even, all is recorded, the queue empties, and every request is answered. */
ltl recording { <> (ALL_RECORDED && QUEUE_EMPTY) }
ltl answering { <> (answered[1] && answered[2]) }
/* When alarms end for good, all of it is announced, and the oversized body lies with the dead letters. */
ltl announcing { (<> [] !alarm) -> <> (ALL_ANNOUNCED && dead_lettered) }
