/*
 * The feed of changes gives what is recorded once, and skips nothing, whatever the clock does and however long a commit
 * takes.
 *
 * ROWS transactions record a row each. A row is stamped when its statement runs and can be seen when its commit is done,
 * in any order and as late as it likes: the commit may wait for a standby. The clock says now this, now that, as one does
 * that is set back. At most FAULTS times together a transaction is rolled back or a standby takes over, with or without
 * what was not yet told to be committed. INSTANCES of the API look for the horizon, each in its own memory; one reader
 * asks now the one, now the other, and has nothing but its cursor.
 *
 * Every step of PostgreSQL that others can come between is one here: a lock on the table, the statement's snapshot, the
 * stamp, the commit becoming visible, the end of the lock; and of a look: its snapshot, then the locks, then the page.
 */
#ifndef FAULTS
#define FAULTS 2
#endif
#define FAULT faults > 0 -> faults--
#define BIT(i) (1 << (i))
#ifndef LATEST
#define LATEST 2
#endif
#ifndef ROWS
#define ROWS 2
#endif
#ifndef INSTANCES
#define INSTANCES 1
#endif

byte faults = FAULTS;

/* ---- PostgreSQL ---- */
byte server;   /* how often a standby has taken over */
byte stamp[3]; /* by row; 0: not yet written */
byte visible, locked; /* bit i is row i, and the transaction that records it */

/* ---- The reader ---- */
byte given, cursor_time, cursor_row;

#define IS_VISIBLE(i) ((visible >> i) & 1)
#define STAMP_OF(i) (IS_VISIBLE(i) * stamp[i])
#define LARGER(a, b) ((a) > (b) -> (a) : (b))
#define NEWEST LARGER(STAMP_OF(0), LARGER(STAMP_OF(1), STAMP_OF(2)))
#define IS_BEYOND_CURSOR(i) (stamp[i] > cursor_time || (stamp[i] == cursor_time && i + 1 > cursor_row))

/* Never skipped: no reader has gone past a row that it was not given. */
#define IS_SKIPPED(i) (IS_VISIBLE(i) && !IS_BEYOND_CURSOR(i) && !(given & BIT(i)))

inline become_visible(i) {
  visible = visible | BIT(i);
  assert(!IS_SKIPPED(i))
}

/* ---- Recording: recordOrders ---- */

#ifdef NO_STAMP_ABOVE
#define STAMP(seen) clock
#else
#define STAMP(seen) LARGER(clock, seen + 1)
#endif

proctype Recorder(byte me) {
  byte floor, seen, on, clock;
begin:
#ifdef NO_LOCK_FIRST
  atomic { floor = NEWEST; on = server; seen = floor };
  atomic { if :: on == server -> locked = locked | BIT(me) :: else -> goto begin fi };
#else
  atomic { floor = NEWEST; on = server; locked = locked | BIT(me) };
  atomic { if :: on == server -> seen = NEWEST :: else -> goto begin fi };
#endif
  atomic {
    if
    :: on == server ->
      select (clock: 1 .. LATEST); /* whatever it said before */
      stamp[me] = STAMP(seen);
      assert(stamp[me] > floor) /* later than what was seen when it began */
    :: else -> goto begin
    fi;
    floor = 0; seen = 0; clock = 0
  }
  atomic {
    if
    :: on == server -> become_visible(me)
    :: on == server && FAULT; stamp[me] = 0; locked = locked & ~BIT(me); goto begin
    :: on != server && IS_VISIBLE(me) -> goto done /* it was committed there */
    :: on != server && !IS_VISIBLE(me) -> goto begin
    fi
  }
  atomic { if :: on == server -> locked = locked & ~BIT(me) :: else fi };
done:
  on = 0
}

/* ---- An instance of the API: openHorizon, listChanges ---- */

#ifdef NO_OPEN_TRANSACTIONS
#define OPEN 0
#elif defined(NO_OWN_LOCKS)
#define OPEN (locked | 8) /* a transaction of somebody else's, which never ends */
#else
#define OPEN locked
#endif
#ifdef NO_PATIENCE
#define OR_OLD :: pending_open && (pending_open & open) -> reach(pending_at); pending_open = 0
#else
#define OR_OLD
#endif
#ifdef NO_LATER_READ
#define SEEN_BY_PAGE then_visible
#else
#define SEEN_BY_PAGE visible
#endif
#define IS_NEXT(i) (((SEEN_BY_PAGE >> i) & 1) && stamp[i] <= final && IS_BEYOND_CURSOR(i))
#define IS_EARLIER(i, j) (!IS_NEXT(j) || stamp[i] < stamp[j] || (stamp[i] == stamp[j] && i < j))

inline reach(time) { final = LARGER(final, time) }

inline judge() {
  if
  :: pending_open && !(pending_open & open) -> reach(pending_at); pending_open = 0
  OR_OLD
  :: else
  fi;
  if
  :: !open -> reach(newest)
  :: open && !pending_open -> pending_open = open; pending_at = newest
  :: else
  fi
}

inline give(i) {
  assert(!(given & BIT(i))); /* never twice */
  given = given | BIT(i); cursor_time = stamp[i]; cursor_row = i + 1
}

inline read_page() { /* of one row; where there is none, up to the horizon */
  if
  :: IS_NEXT(0) && IS_EARLIER(0, 1) && IS_EARLIER(0, 2) -> give(0)
  :: IS_NEXT(1) && IS_EARLIER(1, 0) && IS_EARLIER(1, 2) -> give(1)
  :: IS_NEXT(2) && IS_EARLIER(2, 0) && IS_EARLIER(2, 1) -> give(2)
  :: !IS_NEXT(0) && !IS_NEXT(1) && !IS_NEXT(2) && final && final + 1 > cursor_time -> cursor_time = final + 1; cursor_row = 0
  :: else
  fi;
  assert(!IS_SKIPPED(0) && !IS_SKIPPED(1) && !IS_SKIPPED(2))
}

proctype Instance() {
  byte newest, open, on, pending_at, pending_open, final;
#ifdef NO_LATER_READ
  byte then_visible;
#endif
  do
  ::
#ifdef NO_SNAPSHOT_FIRST
    atomic { on = server; open = OPEN };
    atomic { newest = NEWEST; if :: on == server -> judge() :: else fi; newest = 0; open = 0 };
#else
    atomic { on = server; newest = NEWEST;
#ifdef NO_LATER_READ
      then_visible = visible
#endif
    };
    atomic { open = OPEN; if :: on == server -> judge() :: else fi; newest = 0; open = 0 };
#endif
    atomic { read_page(); on = 0 }
  od
}

inline fail_over_with(i) {
  if
  :: stamp[i] && !IS_VISIBLE(i) -> become_visible(i)
  :: stamp[i] && !IS_VISIBLE(i) -> stamp[i] = 0
  :: else
  fi
}

proctype World() {
  do
  :: atomic { FAULT; server++; locked = 0; fail_over_with(0); fail_over_with(1); fail_over_with(2) }
  od
}

init {
  atomic {
    run Recorder(0); run Recorder(1);
#if ROWS == 3
    run Recorder(2);
#endif
#if INSTANCES == 2
    run Instance();
#endif
    run Instance(); run World()
  }
}

#define APPEARS(i) ((visible & BIT(i)) -> <> (given & BIT(i)))
ltl appearing { [] (APPEARS(0) && APPEARS(1) && APPEARS(2)) }
