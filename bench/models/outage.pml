/*
 * What one consumer holds when the database goes away is dealt with, all of it, once it answers again.
 *
 * Closer to the code than the other models: each step is what happens between two awaits. Held are the two lines of one
 * message (0 and 1), a message that came back and moves to the spool (2), a row that was claimed to be tried with others
 * (3) and a suspect, tried alone (4). The database goes away up to FAULTS times. A call that it interrupts fails, at any
 * time after, even when the database has long been back; a commit among them may have happened all the same.
 *
 * A line is done with when it is recorded, free in the spool, or back at the broker.
 */
#ifndef FAULTS
#define FAULTS 2
#endif
#define LINES 5
#define MESSAGE_LINE(l) (l < 2)
#define DELIVERED(l) (l < 3)

byte faults = FAULTS;
bool db = true;
mtype = { WAITS, BATCH, SPOOLING, CLAIMING, ALONE, STALLED, DONE, FORGOTTEN };
mtype where[LINES];
bool call[LINES];   /* a call of the database for it is under way */
bool doomed[LINES]; /* that call will fail */
bool chosen[LINES]; /* giveBack acts on it */
byte released;      /* how often the try of row 3 was taken back */
bool acknowledged;  /* the message of lines 0 and 1 */

bool held, reserved; /* createRecordingQueue */
mtype = { OFF, PROBE, QUIET, RELEASE, RELEASE_ALONE, SPOOL, END };
mtype outage = OFF;  /* protocol.ts: the stage of an outage */
bool handed_back;
bool acting, act_doomed; /* the call of giveBack */

#define IN_FLIGHT (where[0] == BATCH || where[1] == BATCH || where[3] == BATCH)
#define ENDED(l) (where[l] == DONE)
#define ANY_STALLED (where[0] == STALLED || where[1] == STALLED || where[2] == STALLED || where[3] == STALLED || where[4] == STALLED)

inline settle(l) { /* openParcel: a message is acknowledged when its last line is settled */
  where[l] = DONE;
  if
#ifdef NO_LAST_LINE
  :: MESSAGE_LINE(l) && !handed_back -> acknowledged = true
#else
  :: MESSAGE_LINE(l) && !handed_back && ENDED(0) && ENDED(1) -> acknowledged = true
#endif
  :: else
  fi;
  assert(!acknowledged || (ENDED(0) && ENDED(1)))
}

inline begin(l) { /* stall */
  where[l] = STALLED;
  if :: outage == OFF -> outage = PROBE; held = true :: else fi
}

#define OK(l) (call[l] && !doomed[l] && db)
#define FAILED(l) (call[l] && doomed[l])
#define START(l) call[l] = true; doomed[l] = !db
#define STOP(l) call[l] = false; doomed[l] = false

#define RECORDED_IN_BATCH(l) \
  :: atomic { where[l] == WAITS && !held && !reserved -> where[l] = BATCH; START(l) } \
  :: atomic { where[l] == BATCH && OK(l) -> STOP(l); settle(l) } \
  :: atomic { where[l] == BATCH && FAILED(l) -> STOP(l); held = true; begin(l) }

proctype RecordingQueue() { /* createRecordingQueue, takeDeliveries, startSpoolLoop */
  do
  RECORDED_IN_BATCH(0)
  RECORDED_IN_BATCH(1)
  RECORDED_IN_BATCH(3)
  /* spoolReturned */
  :: atomic { where[2] == SPOOLING && !call[2] && outage == OFF -> START(2) }
  :: atomic { where[2] == SPOOLING && OK(2) -> STOP(2); settle(2) }
  :: atomic { where[2] == SPOOLING && FAILED(2) -> STOP(2); begin(2) }
  /* trySuspect: reserved, quiet, claimed, tried; none of it asks whether the queue is held */
  :: atomic { where[4] == WAITS && outage == OFF -> where[4] = CLAIMING; reserved = true }
  :: atomic { where[4] == CLAIMING && !call[4] && !IN_FLIGHT -> START(4) }
  :: atomic { where[4] == CLAIMING && OK(4) -> STOP(4); where[4] = ALONE; START(4) }
  :: atomic { where[4] == CLAIMING && FAILED(4) -> STOP(4); where[4] = WAITS; reserved = false;
      if :: outage == OFF -> outage = PROBE; held = true :: else fi }
  :: atomic { where[4] == ALONE && OK(4) -> assert(!IN_FLIGHT); STOP(4); settle(4); reserved = false }
  :: atomic { where[4] == ALONE && FAILED(4) -> STOP(4); begin(4); reserved = false }
  od
}

inline release_row() { /* releaseSpooled: a row without a lease has been given back already */
#ifdef NO_RELEASING_ONCE
  released++;
#else
  if :: released == 0 -> released++ :: else fi;
#endif
  assert(released <= 1)
}

#define CHOOSE(l) if :: where[l] == STALLED -> chosen[l] = true :: else fi
#define ANY_CHOSEN (chosen[0] || chosen[1] || chosen[2] || chosen[3] || chosen[4])
#define DEALT(l) if :: chosen[l] -> chosen[l] = false; settle(l) :: else fi
#define UNCHOOSE chosen[0] = false; chosen[1] = false; chosen[2] = false; chosen[3] = false; chosen[4] = false
#define ACT if :: ANY_CHOSEN -> acting = true; act_doomed = !db :: else fi
#define FORGET(l) if :: where[l] == STALLED -> where[l] = FORGOTTEN :: else fi
#define FORGET_ALL FORGET(0); FORGET(1); FORGET(2); FORGET(3); FORGET(4)
#ifdef NO_SECOND_ATTEMPT
#define AFTER_FAILURE END; FORGET_ALL
#else
#define AFTER_FAILURE PROBE
#endif
#define NEXT(step, following) \
  :: atomic { outage == step && !acting && !ANY_CHOSEN -> outage = following } \
  :: atomic { outage == step && acting && !act_doomed && db -> acting = false; \
      if :: step == RELEASE -> release_row() :: else fi; \
      DEALT(0); DEALT(1); DEALT(2); DEALT(3); DEALT(4); outage = following } \
  :: atomic { outage == step && acting && act_doomed -> acting = false; act_doomed = false; UNCHOOSE; outage = AFTER_FAILURE }

proctype Outage() { /* protocol.ts */
  do
  /* probeFailed, probePassed */
  :: atomic { outage == PROBE && db -> outage = QUIET }
  :: atomic { outage == PROBE && !db && !handed_back -> /* a long one: hand_back */
      handed_back = true;
      if :: where[0] == WAITS -> where[0] = DONE :: else fi;
      if :: where[1] == WAITS -> where[1] = DONE :: else fi;
      if :: where[3] == WAITS -> where[3] = STALLED :: else fi }
  /* goOn */
  :: atomic { outage == QUIET && !IN_FLIGHT -> outage = RELEASE; CHOOSE(3); ACT }
  NEXT(RELEASE, RELEASE_ALONE; CHOOSE(4); ACT)
  NEXT(RELEASE_ALONE, SPOOL; CHOOSE(0); CHOOSE(1); CHOOSE(2); if :: !handed_back -> ACT :: else -> DEALT(0); DEALT(1); DEALT(2) fi)
  NEXT(SPOOL, END)
#ifdef NO_KEEPING_LATE
  :: atomic { outage == END -> FORGET_ALL; outage = OFF; held = false; handed_back = false }
#else
  :: atomic { outage == END && ANY_STALLED -> outage = PROBE }
  :: atomic { outage == END && !ANY_STALLED -> outage = OFF; held = false; handed_back = false }
#endif
  od
}

#define DOOM(l) if :: call[l] -> doomed[l] = true :: else fi

proctype World() {
  do
  :: atomic { db && faults > 0 -> faults--; db = false;
      DOOM(0); DOOM(1); DOOM(2); DOOM(3); DOOM(4);
      if :: acting && outage == RELEASE -> if :: release_row() :: skip fi :: else fi; /* committed, and not told */
      if :: acting -> act_doomed = true :: else fi }
  :: !db -> db = true
  od
}

init {
  atomic {
    where[0] = WAITS; where[1] = WAITS; where[2] = SPOOLING; where[3] = WAITS; where[4] = WAITS;
    run RecordingQueue(); run Outage(); run World()
  }
}

/* Nothing is forgotten, and recording goes on. */
ltl dealing { <> (ENDED(0) && ENDED(1) && ENDED(2) && ENDED(3) && ENDED(4) && !held && !reserved) }
