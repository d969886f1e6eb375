/* What the functions on a mapping and the jobs at work in one share. */
#ifndef SMMAP_FACE_MAPPING_H
#define SMMAP_FACE_MAPPING_H

#include "face.h"

/* A JavaScript object that holds one mapping at a time: making the object costs as much as mapping. */
struct smmap_handle {
  smmap_environment *environment; /* NULL while it is not in the environment's list */
  smmap_mapping *mapping;         /* NULL: it holds none now */
  struct smmap_view *views;
  smmap_handle *next, *previous;
  uint32_t faults_seen; /* faults for which the views were taken away */
};

/* The handle in an argument, when it holds a mapping; else throws and returns false. */
bool smmap_face_mapped_handle(napi_env env, napi_value value, smmap_handle **handle);

/* A range of memory inside a mapping. */
typedef struct {
  smmap_handle *handle;
  uint8_t *address; /* a page's first byte */
  size_t length;
} smmap_range;

/*
 * The range that three arguments name: a handle that holds a mapping, an offset that
 * is a multiple of the page, a length; else throws and returns false.
 */
bool smmap_face_range(napi_env env, const napi_value *values, smmap_range *range);

#endif
