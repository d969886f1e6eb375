/*
 * What the files of the Node-API face share: what one JavaScript environment
 * owns, how arguments are read and how failures are thrown.
 */
#ifndef SMMAP_FACE_H
#define SMMAP_FACE_H

#ifndef NAPI_VERSION
#define NAPI_VERSION 8
#endif
#include <node_api.h>

#include "lifetime.h"
#include "mapping.h"

typedef struct smmap_handle smmap_handle;

/* The weak references of one environment; see face_weak.c. */
typedef struct {
  napi_ref *refs; /* NULL entries are free */
  uint32_t *free; /* stack of free indices */
  uint32_t size, free_count;
} smmap_weak_table;

/* One JavaScript environment (main thread or worker) that loaded the addon. */
typedef struct smmap_environment {
  napi_env env;
  uint64_t heap_bytes;     /* how far its heap may grow, as told */
  smmap_handle *handles;   /* mappings that are not closed */
  smmap_handle *next_visited; /* in a walk over them: where it goes on */
  uint64_t exposed;        /* bytes that JavaScript holds in views of them */
  smmap_weak_table weak;
  bool has_libuv;          /* the runtime's loop can be woken through it, as told */
  void *waker;             /* rung by the signal handler (see loop.h); NULL: none */
  napi_threadsafe_function messages; /* NULL until the first mapping */
  napi_ref give_way;              /* called when another thread is at the ceiling; NULL: none */
  struct smmap_environment *next; /* in the list of those that can be told something */
} smmap_environment;

smmap_environment *smmap_face_environment(napi_env env);

/* ---- arguments; each throws and returns false when the value is not what is asked for ---- */

bool smmap_face_arguments(napi_env env, napi_callback_info info, size_t count, napi_value *values);

/* A whole number of 0 to 2^53 - 1. */
bool smmap_face_integer(napi_env env, napi_value value, const char *name, uint64_t *number);
bool smmap_face_boolean(napi_env env, napi_value value, const char *name, bool *truth);

/* Whether the value is null, which stands for "none"; throws nothing. */
bool smmap_face_is_null(napi_env env, napi_value value);

/* A path or name as bytes without NUL, copied with a NUL behind it; `syscall` is what it is for. */
#define SMMAP_PATH_MAX 4096
bool smmap_face_path(napi_env env, napi_value value, const char *syscall,
                     char path[SMMAP_PATH_MAX]);

/*
 * The memory of a typed array of this kind with `least` numbers or more, and how many (`length`
 * may be NULL). Memory that was mapped may begin at any byte: refused where such numbers cannot lie.
 */
bool smmap_face_array(napi_env env, napi_value value, napi_typedarray_type type, size_t least,
                      const char *name, const char *expected, void **data, size_t *length);

/* The native half of an object made by smmap_face_wrap with the same tag. */
bool smmap_face_unwrap(napi_env env, napi_value value, const char *name,
                       const napi_type_tag *tag, void **native);

/*
 * An object that owns `native`; `finalize` runs some time after it was collected.
 * `weak` (NULL: not wanted) is empty as soon as it was; `finalize` must delete it.
 */
bool smmap_face_wrap(napi_env env, void *native, const napi_type_tag *tag,
                     napi_finalize finalize, napi_value *object, napi_ref *weak);

/* A TypeError that names the argument and says what it must be. */
void smmap_face_throw_type(napi_env env, const char *name, const char *expected);

/* ---- results ---- */

napi_value smmap_face_number(napi_env env, double number);
napi_value smmap_face_boolean_value(napi_env env, bool truth);

/* An Error with `errno` (negative, as in Node) and `syscall`; the caller in JavaScript adds the rest. */
napi_value smmap_face_failure(napi_env env, smmap_failure failure);
void smmap_face_throw(napi_env env, smmap_failure failure);

/* ---- the functions, one file a group ---- */

typedef struct {
  const char *name;
  napi_callback call;
} smmap_function;

extern const smmap_function smmap_mapping_functions[];    /* ended by a NULL name */
extern const smmap_function smmap_job_functions[];
extern const smmap_function smmap_memory_functions[];
extern const smmap_function smmap_descriptor_functions[];
extern const smmap_function smmap_process_functions[];
extern const smmap_function smmap_weak_functions[];
extern const smmap_function smmap_search_functions[];
extern const smmap_function smmap_constants_functions[];

/* face_handle.c: takes the views of mappings that lost pages away. */
void smmap_face_detach_faulted(smmap_environment *environment);

/* face_handle.c: the environment ends before its handles are finalized. */
void smmap_face_orphan_handles(smmap_environment *environment);

/* face_handle.c: no handler may ring for its mappings any more. */
void smmap_face_silence_handles(smmap_environment *environment);

/* face_descriptor.c: the descriptor inside an object of face_descriptor.c. */
bool smmap_face_descriptor(napi_env env, napi_value value, int *fd);

/* face_weak.c */
void smmap_face_drop_weak(smmap_environment *environment);

/* alarm.c: has faults told to this environment, from its first mapping to its end. */
void smmap_alarm_attach(smmap_environment *environment);

/* alarm.c: asks every other environment to unmap what is idle; does not wait. */
void smmap_alarm_ask_others(const smmap_environment *asking);

#endif
