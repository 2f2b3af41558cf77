/*
 * Every recorded order is announced, at least once, and never before its commit.
 *
 * Two consumers record two batches, each from a delivery that comes again until it is acknowledged. The outbox row is
 * written by the transaction that records; the announcement is made from memory after it; the row goes with the next
 * transaction or by itself; a sweep announces rows that stayed. Consumers, broker and database may end at any step, and
 * commits and confirms may stay unknown, at most FAULTS times together.
 *
 * One subscriber's queue may be full, for ever even: then the broker refuses a publish, though the other subscribers have
 * it. A refused row is attempted again after a pause, and rows behind it are not held up; an attempt while the queue is
 * still full changes nothing, and is left out here.
 *
 * A consumer is one event loop: each entry of its loop is what happens between two awaits, in any order.
 */
#ifndef FAULTS
#define FAULTS 2
#endif
#define FAULT faults > 0 -> faults--
#define NOBODY 2

byte faults = FAULTS;
bool db = true, broker = true, is_full;

/* ---- PostgreSQL ---- */
bool recorded[2]; /* by batch */
bool outbox[2];   /* by batch: the row that names what is to be announced */
byte swept[2] = NOBODY; /* by batch: the consumer whose sweep has claimed its row */
bool refused[2];  /* by batch: its row waits for another attempt */

/* ---- RabbitMQ ---- */
bool waiting[2] = true; /* by batch: its delivery is not acknowledged */
bool announced[2];      /* its event has reached the subscribers whose queues have room */
bool heard[2];          /* and the one whose queue is full at times */

/* ---- Each consumer's memory, by consumer: bit b is batch b. ---- */
byte doing[2];     /* 1 + the batch whose recording is in flight */
byte to_tell[2];   /* recorded just now, and to be announced */
byte told[2];      /* announced, its outbox row to be deleted */
#ifdef NO_ROW_IN_TRANSACTION
byte row_owed[2];
#endif

#define BIT(b) (1 << b)

inline announce_to_subscribers(b) {
  assert(recorded[b]); /* never before the commit */
  announced[b] = true;
  if :: !is_full -> heard[b] = true :: else fi
}

hidden byte fresh; /* within a transaction: whether it was new */

/* deleteAnnounced: a row that another's sweep has claimed goes too; that one announces it once more. */
inline delete_told(me) {
  if :: told[me] & 1 -> outbox[0] = false :: else fi;
  if :: told[me] & 2 -> outbox[1] = false :: else fi
}

inline record_transaction(me, b) { /* recordOrders */
  delete_told(me);
  if
  :: !recorded[b] ->
    recorded[b] = true;
#if !defined(NO_OUTBOX) && !defined(NO_ROW_IN_TRANSACTION)
    outbox[b] = true;
#endif
    fresh = true
  :: else -> fresh = false /* the same again: nothing new to tell */
  fi
}

inline end_process(me) {
  doing[me] = 0; to_tell[me] = 0; told[me] = 0;
#ifdef NO_ROW_IN_TRANSACTION
  row_owed[me] = 0;
#endif
  /* its claims end when the next attempt is due */
  if :: swept[0] == me -> swept[0] = NOBODY :: else fi;
  if :: swept[1] == me -> swept[1] = NOBODY :: else fi
}

#ifdef NO_AFTER_COMMIT
#define BEFORE_COMMIT(b) if :: broker -> announce_to_subscribers(b) :: else fi;
#else
#define BEFORE_COMMIT(b)
#endif
#ifdef NO_ROW_IN_TRANSACTION
#define OWE(b) row_owed[me] = row_owed[me] | BIT(b);
#else
#define OWE(b)
#endif
#ifdef NO_CONFIRM_BEFORE_DELETION
#define UNCONFIRMED(b) told[me] = told[me] | BIT(b);
#define UNSWEPT(b) outbox[b] = false;
#else
#define UNCONFIRMED(b)
#define UNSWEPT(b)
#endif

#ifdef NO_BACK_OFF
#define CLAIMABLE(b) (b == 0 || !outbox[0]) /* the oldest row first, whatever became of it */
#define BACK_OFF(b)
#else
#define CLAIMABLE(b) (!refused[b] || !is_full)
#define BACK_OFF(b) refused[b] = true;
#endif
#ifdef NO_REFUSAL
#define REFUSED(b) told[me] = told[me] | BIT(b); /* a refusal is taken for a confirm */
#else
#define REFUSED(b)
#endif

#define STEPS(b) \
  /* takeDeliveries */ \
  :: atomic { broker && waiting[b] && doing[0] != b + 1 && doing[1] != b + 1 && doing[me] == 0 -> \
      doing[me] = b + 1; BEFORE_COMMIT(b) } \
  /* recordOrders commits; then the delivery is acknowledged */ \
  :: atomic { db && doing[me] == b + 1 -> record_transaction(me, b); \
      if :: fresh -> to_tell[me] = to_tell[me] | BIT(b); OWE(b) :: else fi; \
      told[me] = 0; waiting[b] = false; doing[me] = 0 } \
  /* it commits and nobody is told: told rows are given back (giveBack), the delivery comes again */ \
  :: atomic { db && doing[me] == b + 1 && FAULT; record_transaction(me, b); doing[me] = 0 } \
  :: atomic { !db && doing[me] == b + 1 -> doing[me] = 0 } \
  /* announce, from memory; what is not confirmed is left to the sweep */ \
  :: atomic { (to_tell[me] & BIT(b)) && broker && !is_full -> announce_to_subscribers(b); \
      to_tell[me] = to_tell[me] & ~BIT(b); told[me] = told[me] | BIT(b) } \
  :: atomic { (to_tell[me] & BIT(b)) && broker && is_full -> announce_to_subscribers(b); \
      to_tell[me] = to_tell[me] & ~BIT(b); REFUSED(b) } \
  :: atomic { (to_tell[me] & BIT(b)) && broker && FAULT; announce_to_subscribers(b); to_tell[me] = to_tell[me] & ~BIT(b) } \
  :: atomic { (to_tell[me] & BIT(b)) && !broker -> to_tell[me] = to_tell[me] & ~BIT(b); UNCONFIRMED(b) } \
  SWEEP(b)

#ifdef NO_SWEEP
#define SWEEP(b)
#else
#define SWEEP(b) \
  /* sweepOutbox: claims a row, announces it, deletes it once that is confirmed */ \
  :: atomic { db && broker && outbox[b] && CLAIMABLE(b) && swept[b] == NOBODY && swept[1 - b] != me -> swept[b] = me } \
  :: atomic { swept[b] == me && broker && !is_full -> announce_to_subscribers(b); \
      if :: db -> outbox[b] = false :: else fi; swept[b] = NOBODY } \
  :: atomic { swept[b] == me && broker && is_full -> announce_to_subscribers(b); BACK_OFF(b) swept[b] = NOBODY } \
  :: atomic { swept[b] == me && broker && FAULT; announce_to_subscribers(b); swept[b] = NOBODY } \
  :: atomic { swept[b] == me && !broker -> UNSWEPT(b) swept[b] = NOBODY }
#endif

proctype Consumer(byte me) {
  do
  STEPS(0)
  STEPS(1)
#ifdef NO_ROW_IN_TRANSACTION
  :: atomic { db && row_owed[me] -> outbox[0] = outbox[0] | (row_owed[me] & 1); outbox[1] = outbox[1] | (row_owed[me] >> 1); row_owed[me] = 0 }
#endif
  :: atomic { db && told[me] && doing[me] == 0 -> delete_told(me); told[me] = 0 } /* when idle */
  :: atomic { FAULT; end_process(me) }
  od
}

proctype World() {
  do
  :: atomic { broker && FAULT; broker = false }
  :: !broker -> broker = true
  :: atomic { db && FAULT; db = false }
  :: !db -> db = true
  :: atomic { !is_full && FAULT; is_full = true }
  :: is_full -> is_full = false
  :: db && broker -> break /* the queue stays as it is */
  od
}

init { atomic { run Consumer(0); run Consumer(1); run World() } }

ltl announcing { [] ((recorded[0] -> <> announced[0]) && (recorded[1] -> <> announced[1])) }
/* When the queue has room for good. */
ltl emptying { (<> [] !is_full) -> <> (recorded[0] && recorded[1] && !outbox[0] && !outbox[1]) }
ltl hearing { (<> [] !is_full) -> <> (heard[0] && heard[1]) }
