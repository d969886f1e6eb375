#include "face_handle.h"

#include "guard.h"
#include "lock.h"
#include "registry.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>

static const napi_type_tag mapping_tag = {0x8b1f4c7a52d94e06ULL, 0xa3e7105c9f6b2d81ULL};

typedef struct smmap_view view;

/* An ArrayBuffer over part of a mapping. */
struct smmap_view {
  uintptr_t thread;     /* the one that made it, to which all here belongs */
  smmap_handle *handle; /* NULL once the handle closed it */
  smmap_mapping *mapping;
  napi_ref buffer; /* strong until the handle's object is finalized: tells whether it was moved away */
  struct smmap_view *next, *previous;
  struct smmap_view *next_stray;
  uint64_t length;
  bool in_call; /* a call that may run the finalizer is under way; its caller frees the view */
  bool finalized;
  bool in_turn; /* the engine finalizes in a turn of the loop, where everything may be done */
};

static void unlink_view(view *each) {
  if (each->previous != NULL) each->previous->next = each->next;
  else each->handle->views = each->next;
  if (each->next != NULL) each->next->previous = each->previous;
  if (each->handle->environment != NULL) each->handle->environment->exposed -= each->length;
  each->handle = NULL;
  each->next = each->previous = NULL;
}

static void drop_buffer(napi_env env, view *each) {
  if (each->buffer != NULL) napi_delete_reference(env, each->buffer);
  each->buffer = NULL;
}

/* glibc keeps what is freed between live blocks until it is asked; others have no such call. */
extern int malloc_trim(size_t) __attribute__((weak));

/* Views that are not finalized yet, in all threads; and the most of them since memory was trimmed. */
static _Atomic uint32_t unfinalized, most_unfinalized;

/* So many closed in one synchronous stretch leave tens of MiB behind, some 350 bytes each. */
#define WORTH_TRIMMING 65536

static void count_view(void) {
  uint32_t now = atomic_fetch_add(&unfinalized, 1) + 1;
  if (now > atomic_load(&most_unfinalized)) atomic_store(&most_unfinalized, now);
}

static void free_view(view *each) {
  smmap_mapping_unref(each->mapping);
  free(each);
  uint32_t left = atomic_fetch_sub(&unfinalized, 1) - 1;
  if (left > WORTH_TRIMMING / 64 || atomic_load(&most_unfinalized) < WORTH_TRIMMING) return;
  atomic_store(&most_unfinalized, left);
  if (malloc_trim != NULL) malloc_trim(0);
}

static void leave_environment(smmap_handle *handle) {
  smmap_environment *environment = handle->environment;
  if (environment == NULL) return;
  /* Whoever a view's memory was moved to may outlive the waker of this environment. */
  if (handle->mapping->slot != NULL) smmap_registry_silence(handle->mapping->slot);
  if (environment->next_visited == handle) environment->next_visited = handle->next;
  if (handle->previous != NULL) handle->previous->next = handle->next;
  else environment->handles = handle->next;
  if (handle->next != NULL) handle->next->previous = handle->previous;
  handle->environment = NULL;
  handle->next = handle->previous = NULL;
}

static void let_mapping_go(smmap_handle *handle) {
  leave_environment(handle);
  if (handle->mapping != NULL) smmap_mapping_unref(handle->mapping);
  handle->mapping = NULL;
}

/* Frees a handle that nobody can come to any more: neither its object, nor a view, nor a walk. */
static void free_if_unreachable(smmap_handle *handle) {
  if (handle->object != NULL || handle->views != NULL || handle->visited) return;
  let_mapping_go(handle);
  free(handle);
}

/* Whether the environment has ended, and its references with it. */
static bool is_orphan(const view *each) {
  return each->handle != NULL && each->handle->environment == NULL;
}

/* Whether its end deletes no reference. */
static bool ends_quietly(const view *each) { return each->handle == NULL || is_orphan(each); }

/* Nobody can come to the memory through this view any more. */
static void end_view(napi_env env, view *each) {
  smmap_handle *handle = each->handle; /* not freed before: a handle outlives its views */
  if (is_orphan(each) && !each->in_turn) each->buffer = NULL;
  if (handle != NULL) {
    unlink_view(each);
    free_if_unreachable(handle);
  }
  drop_buffer(env, each);
  free_view(each); /* the mapping too is still there: the view has its own reference */
}

/*
 * Views that were finalized where little may be done, and wait for their thread to look. Node
 * finalizes in a turn of the loop. Deno does it while V8 sweeps, on any thread, and then ends the
 * process when a reference is deleted. Those of a thread that has ended stay.
 */
static smmap_lock strays_lock = SMMAP_LOCK_INIT;
static view *_Atomic strays; /* changed under the lock */
/* Whether environments were told of all that wait, and none has looked since. */
static atomic_bool told_of_strays;

static void put_with_strays(view *each) {
  smmap_lock_take(&strays_lock);
  each->next_stray = atomic_load(&strays);
  atomic_store(&strays, each);
  smmap_lock_give(&strays_lock);
  if (!atomic_exchange(&told_of_strays, true)) smmap_guard_ring();
}

/* Whether a view that was finalized belongs to this environment, or to none any more. */
static bool may_end(napi_env env, const view *each) {
  if (each->thread != smmap_os_thread()) return false;
  return ends_quietly(each) || each->handle->environment->env == env;
}

/* Takes those out of the list that may end here. */
static view *take_strays(napi_env env) {
  view *taken = NULL, *kept = NULL, *next;
  smmap_lock_take(&strays_lock);
  for (view *each = atomic_load(&strays); each != NULL; each = next) {
    next = each->next_stray; /* in the list nobody frees them, and nobody else changes it now */
    view **list = may_end(env, each) ? &taken : &kept;
    each->next_stray = *list;
    *list = each;
  }
  atomic_store(&strays, kept);
  smmap_lock_give(&strays_lock);
  return taken;
}

/* Ends those that wait for this environment. */
static void end_strays(napi_env env) {
  atomic_store(&told_of_strays, false); /* first: who puts one there from now on tells of it */
  if (atomic_load(&strays) == NULL) return;
  for (view *each = take_strays(env), *next; each != NULL; each = next) {
    next = each->next_stray; /* taken, so ours alone until it is freed by its end */
    end_view(env, each);
  }
}

/* The ArrayBuffer's memory is no longer in use: it was detached by us, or collected. */
static void finalize_view(napi_env env, void *data, void *hint) {
  (void)data;
  view *each = hint; /* freed only behind this call */
  bool is_here = each->thread == smmap_os_thread();
  if (is_here && each->in_call) {
    each->finalized = true; /* Bun and Deno run it inside napi_detach_arraybuffer */
  } else if (is_here && (each->in_turn || ends_quietly(each))) {
    end_view(env, each);
  } else {
    put_with_strays(each);
  }
}

/* The object was forgotten. Views that are still in use keep the memory. */
static void finalize_handle(napi_env env, void *data, void *hint) {
  (void)hint;
  smmap_handle *handle = data; /* not freed before: `object` was set until now */
  napi_delete_reference(env, handle->object); /* napi_wrap has it deleted here and nowhere else */
  handle->object = NULL;
  for (view *each = handle->views; each != NULL; each = each->next) {
    uint32_t left;
    napi_reference_unref(env, each->buffer, &left); /* a linked view has it, counted once */
  }
  free_if_unreachable(handle);
}

napi_value smmap_face_new_handle(napi_env env) {
  napi_value object;
  end_strays(env);
  smmap_handle *handle = calloc(1, sizeof *handle);
  if (handle != NULL &&
      smmap_face_wrap(env, handle, &mapping_tag, finalize_handle, &object, &handle->object)) {
    return object;
  }
  free(handle); /* it was not wrapped: nothing refers to it */
  smmap_face_throw(env, (smmap_failure){ENOMEM, "malloc"});
  return NULL;
}

bool smmap_face_handle(napi_env env, napi_value value, smmap_handle **handle) {
  void *native;
  if (!smmap_face_unwrap(env, value, "handle", &mapping_tag, &native)) return false;
  *handle = native;
  return true;
}

bool smmap_face_mapped_handle(napi_env env, napi_value value, smmap_handle **handle) {
  if (!smmap_face_handle(env, value, handle)) return false;
  if ((*handle)->mapping != NULL) return true;
  smmap_face_throw(env, (smmap_failure){EBADF, "mmap"});
  return false;
}

void smmap_face_hold(smmap_handle *handle, smmap_mapping *mapping, smmap_environment *environment) {
  handle->mapping = mapping;
  handle->faults_seen = 0;
  handle->environment = environment;
  handle->next = environment->handles;
  if (handle->next != NULL) handle->next->previous = handle;
  environment->handles = handle;
}

/*
 * Whether JavaScript may still run there. In a thread that is being ended the engine refuses, and
 * not always politely: Node 20 ends the whole process when it is asked to detach. It may be asked
 * for a comparison.
 */
static bool may_run(napi_env env) {
  napi_value nothing;
  bool same;
  return napi_get_undefined(env, &nothing) == napi_ok &&
         napi_strict_equals(env, nothing, nothing, &same) == napi_ok;
}

napi_value smmap_face_view(napi_env env, smmap_handle *handle, uint64_t offset, uint64_t length) {
  napi_value buffer;
  smmap_mapping *mapping = handle->mapping;
  end_strays(env);
  view *fresh = calloc(1, sizeof *fresh);
  if (fresh == NULL) {
    smmap_face_throw(env, (smmap_failure){ENOMEM, "malloc"});
    return NULL;
  }
  fresh->thread = smmap_os_thread();
  fresh->in_turn = handle->environment->has_libuv; /* one that holds a mapping is in the list */
  fresh->mapping = mapping;
  smmap_mapping_ref(mapping);
  count_view();
  fresh->in_call = true;
  /* address + offset .. + length lies inside the mapping: the caller checked */
  napi_status status = napi_create_external_arraybuffer(env, mapping->address + offset,
                                                        (size_t)length, finalize_view, fresh,
                                                        &buffer);
  fresh->in_call = false;
  if (status != napi_ok) {
    napi_value ignored;
    napi_get_and_clear_last_exception(env, &ignored); /* Node 20 leaves one past 4 GiB */
    /* Node runs the finalizer inside, and never where the thread is being ended: then nothing was
       begun. Elsewhere it may still come. */
    if (fresh->finalized || (status == napi_pending_exception && !may_run(env))) free_view(fresh);
    return NULL;
  }
  if (napi_create_reference(env, buffer, 1, &fresh->buffer) != napi_ok) {
    napi_detach_arraybuffer(env, buffer); /* its finalizer frees the view */
    smmap_face_throw(env, (smmap_failure){ENOMEM, "malloc"});
    return NULL;
  }
  fresh->handle = handle;
  fresh->length = length;
  fresh->next = handle->views;
  if (fresh->next != NULL) fresh->next->previous = fresh;
  handle->views = fresh;
  handle->environment->exposed += length; /* one that holds a mapping is in the list */
  return buffer;
}

/*
 * Takes the memory away from one view. False: the engine is using it and refuses; or it was
 * collected and waits for its finalizer. Then it may have been moved before: it is left alone.
 */
static bool detach_view(napi_env env, view *each) {
  napi_value buffer;
  bool gone = false;
  if (napi_get_reference_value(env, each->buffer, &buffer) != napi_ok || buffer == NULL) {
    return false;
  }
  napi_is_detached_arraybuffer(env, buffer, &gone);
  if (gone) {
    /* transfer() moved the memory to a buffer of its own; our finalizer runs when that is gone. */
    each->mapping->moved = true;
    unlink_view(each);
    drop_buffer(env, each);
    return true;
  }
  each->in_call = true;
  napi_status status = napi_detach_arraybuffer(env, buffer);
  each->in_call = false;
  if (status != napi_ok) return false;
  unlink_view(each);
  drop_buffer(env, each);
  if (each->finalized) free_view(each); /* else the finalizer does it, later */
  return true;
}

bool smmap_face_detach_views(napi_env env, smmap_handle *handle) {
  while (handle->views != NULL) {
    if (!detach_view(env, handle->views)) return false;
  }
  return true;
}

bool smmap_face_close_handle(napi_env env, smmap_handle *handle) {
  if (!smmap_face_detach_views(env, handle)) return false;
  smmap_mapping_close(handle->mapping);
  let_mapping_go(handle);
  return true;
}

void smmap_face_silence_handles(smmap_environment *environment) {
  for (smmap_handle *each = environment->handles; each != NULL; each = each->next) {
    if (each->mapping->slot != NULL) smmap_registry_silence(each->mapping->slot);
  }
}

void smmap_face_orphan_handles(smmap_environment *environment) {
  end_strays(environment->env);
  while (environment->handles != NULL) leave_environment(environment->handles);
}

/*
 * Has `work` done on each handle that holds a mapping; for how many it said true. Finalizers that
 * run inside it may take any of them out of the list: the next one is then moved on by
 * leave_environment, and the one at work is freed only here.
 */
static uint32_t visit(smmap_environment *environment, bool (*work)(napi_env, smmap_handle *)) {
  uint32_t count = 0;
  smmap_handle *each;
  environment->next_visited = environment->handles;
  while ((each = environment->next_visited) != NULL) {
    environment->next_visited = each->next;
    each->visited = true;
    if (work(environment->env, each)) count++;
    each->visited = false;
    free_if_unreachable(each); /* last: it may be gone after this */
  }
  return count;
}

static bool detach_faulted(napi_env env, smmap_handle *handle) {
  uint32_t faults = smmap_mapping_faults(handle->mapping);
  if (faults == handle->faults_seen || !smmap_face_detach_views(env, handle)) return false;
  handle->faults_seen = faults;
  return true;
}

void smmap_face_detach_faulted(smmap_environment *environment) {
  if (!may_run(environment->env)) return;
  end_strays(environment->env);
  visit(environment, detach_faulted);
}

/* Whether the object is gone: then no call can come to the handle any more. */
static bool is_forgotten(napi_env env, const smmap_handle *handle) {
  napi_value object = NULL;
  if (handle->object == NULL) return true;
  return napi_get_reference_value(env, handle->object, &object) == napi_ok && object == NULL;
}

/* Whether somebody may hold a view that has to stay. */
static bool must_stay(const smmap_handle *handle) {
  if (handle->views == NULL) return false;
  const smmap_mapping *mapping = handle->mapping;
  return handle->pinned ||
         (handle->copies && smmap_os_has_private_pages(mapping->address, mapping->extent));
}

static bool close_if_forgotten(napi_env env, smmap_handle *handle) {
  napi_handle_scope scope;
  if (napi_open_handle_scope(env, &scope) != napi_ok) return false; /* for each: there may be many */
  bool closed = is_forgotten(env, handle) && !must_stay(handle) && smmap_face_close_handle(env, handle);
  napi_close_handle_scope(env, scope);
  return closed;
}

uint32_t smmap_face_close_forgotten(smmap_environment *environment) {
  end_strays(environment->env);
  return visit(environment, close_if_forgotten);
}
