/*
 * Waking the event loop of one JavaScript thread from a signal handler, through
 * libuv. Runtimes without libuv (Bun, Deno) say so, and are woken by a thread
 * instead, which takes a little longer: see alarm.c.
 */
#ifndef SMMAP_LOOP_H
#define SMMAP_LOOP_H

#include "face.h"

/*
 * Has `wake(data)` called on the JavaScript thread whenever the waker was rung, in
 * the turn of the loop that follows. NULL: there is no libuv. Before the
 * environment ends `end(data)` is called; after that the waker must not be rung.
 */
void *smmap_loop_waker(napi_env env, void (*wake)(void *data), void (*end)(void *data), void *data);

/* Async-signal-safe. */
void smmap_loop_ring(void *waker);

#endif
