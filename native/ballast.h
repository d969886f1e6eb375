/*
 * Address space put by for the moment when there is none left: collecting garbage,
 * which may find room, needs some itself, and V8 ends the process when it gets none.
 * Nothing is put by unless the process has a limit of addresses (`ulimit -v`).
 */
#ifndef SMMAP_BALLAST_H
#define SMMAP_BALLAST_H

/* Puts some by, if it is not yet. */
void smmap_ballast_take(void);

/* Gives it back to the system. */
void smmap_ballast_drop(void);

#endif
