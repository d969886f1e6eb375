/*
 * The JavaScript object that holds a mapping, and the ArrayBuffers over it.
 *
 * Views end in two ways. Detached by us, they are empty, whoever has them. Or the
 * engine collects them, and finalizes them some time later: Node when the event loop
 * turns. So it is with the object, too. What was forgotten and is in the way can be
 * closed before that.
 */
#ifndef SMMAP_FACE_HANDLE_H
#define SMMAP_FACE_HANDLE_H

#include "face.h"

/*
 * What the object holds: one mapping at a time, for making the object costs as much as mapping.
 * It outlives the object while there are views.
 */
struct smmap_handle {
  smmap_environment *environment; /* NULL while it is not in the environment's list */
  smmap_mapping *mapping;         /* NULL: it holds none now, and is in no list */
  struct smmap_view *views;
  smmap_handle *next, *previous;
  napi_ref object;      /* weak: empty once the object was collected; NULL once it was finalized */
  uint32_t faults_seen; /* faults for which the views were taken away */
  bool pinned;          /* its views are never taken away for being forgotten */
  bool copies;          /* stores into it live nowhere else */
  bool visited;         /* a walk is at work on it, which frees it if need be */
};

/* A new object that holds no mapping. NULL: thrown. */
napi_value smmap_face_new_handle(napi_env env);

/* The handle in an argument; else throws and returns false. */
bool smmap_face_handle(napi_env env, napi_value value, smmap_handle **handle);

/* The same, when it holds a mapping. */
bool smmap_face_mapped_handle(napi_env env, napi_value value, smmap_handle **handle);

/* A range of memory inside a mapping. */
typedef struct {
  smmap_handle *handle;
  uint8_t *address; /* a page's first byte */
  size_t length;
} smmap_range;

/*
 * face_mapping.c: the range that three arguments name: a handle that holds a mapping, an
 * offset that is a multiple of the page, a length; else throws and returns false.
 */
bool smmap_face_range(napi_env env, const napi_value *values, smmap_range *range);

/* Gives the handle, which holds none, a mapping with its reference. */
void smmap_face_hold(smmap_handle *handle, smmap_mapping *mapping, smmap_environment *environment);

/* An ArrayBuffer over a range inside the mapping. NULL: the engine refuses one of this size, or thrown. */
napi_value smmap_face_view(napi_env env, smmap_handle *handle, uint64_t offset, uint64_t length);

/* Empties the views. False: one could not be emptied; those before it are. */
bool smmap_face_detach_views(napi_env env, smmap_handle *handle);

/* Empties the views and lets the mapping go. False: a view could not be emptied, nothing is closed. */
bool smmap_face_close_handle(napi_env env, smmap_handle *handle);

/* Closes every handle whose object was collected, finalized or not; how many. */
uint32_t smmap_face_close_forgotten(smmap_environment *environment);

#endif
