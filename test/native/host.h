/*
 * Just enough of Node-API, over plain C values, to drive the addon without an engine: for
 * fuzzing, and for finding leaks where nothing but the addon can leak.
 *
 * What engines do differently is chosen: see host_manners. Not for several threads, save for
 * napi_call_threadsafe_function and the waking of a loop.
 */
#ifndef SMMAP_TEST_HOST_H
#define SMMAP_TEST_HOST_H

#define NAPI_VERSION 8
#include <node_api.h>

#include <stdbool.h>

/* How this engine behaves. */
typedef struct {
  bool finalizes_in_detach; /* the finalizer of an ArrayBuffer, and all that wait, run inside the call
                               that detaches it (Bun, Deno), else in the next turn (Node) */
  bool ends_in_view;        /* when an ArrayBuffer cannot be made, that is because the thread is being
                               ended: nothing is begun, and no JavaScript runs in this call */
  bool finalizes_in_sweep;  /* that of an ArrayBuffer that was collected runs while the collector is at
                               work, and ends the process where it deletes a reference (Deno) */
  bool has_loop;            /* libuv can be had */
  bool forgets_own_data_first; /* at its end an environment finalizes its instance data before, and
                                  not after, the objects that are left */
} host_manners;

extern host_manners host_manners_now;

typedef enum {
  HOST_UNDEFINED,
  HOST_NULL,
  HOST_BOOLEAN,
  HOST_NUMBER,
  HOST_STRING,
  HOST_OBJECT,
  HOST_FUNCTION,
  HOST_ARRAYBUFFER,
  HOST_TYPED_ARRAY,
  HOST_PROMISE,
} host_kind;

/* A value. All of an environment are freed with it, unless they are collected before. */
struct napi_value__ {
  napi_env env;
  struct napi_value__ *next; /* in the list of the environment */
  host_kind kind;
  bool marked; /* in use, as far as the collector has come */

  double number; /* also of a boolean */
  napi_callback call;
  const char *name; /* of a function */

  bool tagged;
  napi_type_tag tag;
  void *wrapped; /* of an object; or what finalizes an ArrayBuffer's memory gets as its hint */
  napi_finalize finalize;

  uint8_t *bytes; /* of an ArrayBuffer, of a string */
  size_t length;  /* of an ArrayBuffer, of a string, of a typed array in elements */
  bool own;       /* bytes are to be freed */
  bool detached;
  napi_value buffer; /* of a typed array */
  size_t offset;
  napi_typedarray_type type;
  bool is_node_buffer;
};

/* ---- environments (host.c) ---- */

/* Loads the addon into a new environment. NULL: it refused, because a call of ours failed. */
napi_env host_begin(void);

/* Ends the environment as an engine does: first jobs and hooks, while values are still there … */
void host_stop(napi_env env);

/* … and then finalizers; all values are gone. */
void host_end(napi_env env);

/* Number `index` of the addon's functions, which are in the order of its tables; NULL past the last. */
napi_value host_function(napi_env env, int index);

/* Calls it as JavaScript does. NULL: it threw. */
napi_value host_call(napi_env env, napi_value function, size_t count, const napi_value *values);

/* Calls the function of this name, which there is. */
napi_value host_call_named(napi_env env, const char *name, size_t count, const napi_value *values);

/* The kind of error that the last call threw, where it threw one of Node-API's own; else "". */
const char *host_thrown(void);

/* ---- values (host_values.c) ---- */

napi_value host_value(napi_env env, host_kind kind);
napi_value host_number(napi_env env, double number);
napi_value host_text(napi_env env, const char *text);
napi_value host_buffer(napi_env env, const void *bytes, size_t length);
napi_value host_typed_array(napi_env env, napi_typedarray_type type, napi_value buffer,
                            size_t offset, size_t length);

/* ArrayBuffer.prototype.transfer: the memory goes to a new value, the old one is detached. */
napi_value host_transfer(napi_value buffer);

/* Gives an ArrayBuffer's memory or a wrapped pointer to its finalizer: now, or in the next turn. */
void host_release(napi_value value, bool later);

/* All values, whatever they are; for the end of the environment. */
void host_free_values(napi_env env);

/* ---- references (host_references.c) ---- */

/* Frees the values that are neither in `roots` nor held by a strong reference. */
void host_collect(napi_env env, const napi_value *roots, size_t count);

napi_ref host_reference(napi_env env, napi_value value, uint32_t count);

void host_free_references(napi_env env);

/* ---- what happens later (host_later.c) ---- */

/* Has the pool do the oldest job that was not done; the loop hears of it in its next turn. */
void host_run_job(napi_env env);

/* A turn of the loop: finalizers, jobs that are done, messages, wakers. */
void host_turn(napi_env env);

void host_later(napi_env env, napi_finalize finalize, void *data, void *hint);
void host_run_finalizers(napi_env env);
void host_break_off_jobs(napi_env env);
void host_free_later(napi_env env);

/* ---- failures on purpose (host.c) ---- */

/* Lets the call of Node-API fail that comes after `calls` others that may fail; 0: none. */
void host_fail_after(uint32_t calls);

/* Whether this one is to fail. */
bool host_fails(void);

/* ---- one environment ---- */

#define HOST_FUNCTIONS 64 /* more than the addon has */

struct napi_env__ {
  napi_value values; /* newest first */
  napi_value undefined, null, exports, functions[HOST_FUNCTIONS];
  int function_count;
  struct napi_ref__ *references;
  struct napi_async_work__ *jobs; /* oldest first */
  struct host_finalizer *finalizers;
  struct napi_async_cleanup_hook_handle__ *hooks;   /* newest first */
  struct napi_threadsafe_function__ *messages;
  struct host_async *wakers;
  void *data;
  napi_finalize finalize_data;
  bool throwing, ending, sweeping;
  bool refuses; /* JavaScript, until the call returns */
};

#endif
