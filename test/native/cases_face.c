/*
 * What the fuzzing of the addon's functions has found, each as the shortest program that shows
 * it. Ends with status 0 when all of it is right; AddressSanitizer and UBSan watch.
 */
#include "face_values.h"

#include "../../native/guard.h"
#include "../../native/ledger.h"

#include <pthread.h>
#include <string.h>

#define LENGTH 40000

/* A view of `length` bytes from `offset` on of the file that changes; `handle` is what holds it. */
static napi_value view_of_file(napi_env env, size_t offset, size_t length, napi_value *handle) {
  const char *path = face_path(0);
  napi_value no = host_value(env, HOST_BOOLEAN), zero = host_number(env, 0);
  const napi_value opening[] = {host_buffer(env, path, strlen(path)), no, zero};
  napi_value descriptor = host_call_named(env, "open", 3, opening);
  *handle = host_call_named(env, "handle", 0, NULL);
  const napi_value mapping[] = {*handle, descriptor, zero, host_number(env, LENGTH), zero, no, no};
  const napi_value viewing[] = {*handle, host_number(env, (double)offset),
                                host_number(env, (double)length)};
  FUZZ_CHECK(host_call_named(env, "map", 7, mapping) != NULL, "%s", path);
  napi_value view = host_call_named(env, "view", 3, viewing);
  FUZZ_CHECK(view != NULL, "%zu", length);
  return view;
}

/* The handler rang for an environment that was gone: its list had lost the forgotten handle. */
static void a_view_outlives_its_handle_and_the_hooks_of_its_environment(napi_env env) {
  napi_value handle;
  host_call_named(env, "hasLibuv", 0, NULL);
  napi_value view = view_of_file(env, 0, LENGTH, &handle);
  host_collect(env, &view, 1); /* the handle is among those that go */
  host_turn(env);
  host_stop(env);
  face_resize(0);
  volatile uint8_t *bytes = view->bytes;
  FUZZ_CHECK(bytes[LENGTH - 1] == 0, "not the zero of a lost page");
}

static void refuse(napi_env env, const char *name, size_t count, const napi_value *values) {
  FUZZ_CHECK(host_call_named(env, name, count, values) == NULL, "%s", name);
  FUZZ_CHECK(strcmp(host_thrown(), "ERR_INVALID_ARG_TYPE") == 0, "%s: %s", name, host_thrown());
}

/* Numbers were stored where such numbers cannot lie. */
static void an_array_over_a_mapping_that_begins_at_an_odd_byte(napi_env env) {
  napi_value handle;
  napi_value view = view_of_file(env, 1, 4096, &handle);
  const napi_value bytes = host_buffer(env, "abc", 3), zero = host_number(env, 0);
  const napi_value floats = host_typed_array(env, napi_float64_array, view, 0, 7);
  const napi_value counting[] = {bytes, bytes, zero, floats};
  const napi_value status[] = {zero, host_typed_array(env, napi_bigint64_array, view, 0, 5)};
  const napi_value places[] = {bytes, host_number(env, 'a'), zero, host_number(env, 3),
                               host_typed_array(env, napi_uint32_array, view, 0, 3)};
  refuse(env, "counts", 1, &floats);
  refuse(env, "searchCount", 4, counting);
  refuse(env, "statusOfNumber", 2, status);
  refuse(env, "searchPositions", 5, places);
  host_stop(env);
}

/* Deno ended the process: a reference was deleted while the collector was at work. */
static void a_view_is_finalized_in_the_midst_of_a_collection(napi_env env) {
  napi_value handle;
  host_manners_now = (host_manners){.finalizes_in_detach = true, .finalizes_in_sweep = true};
  view_of_file(env, 0, LENGTH, &handle);
  host_collect(env, &handle, 1); /* of the handle and the view, one after the other, both are forgotten */
  host_collect(env, NULL, 0);
  host_turn(env); /* the handle is finalized, and holds its view no longer */
  host_collect(env, NULL, 0);
  host_call_named(env, "handle", 0, NULL); /* the next call ends the view */
  FUZZ_CHECK(smmap_ledger_counts().maps == 0, "it is still mapped");
  host_stop(env);
}

/* How often environments were called to look: linked with --wrap. */
static int rings;
void __real_smmap_guard_ring(void);
void __wrap_smmap_guard_ring(void);
void __wrap_smmap_guard_ring(void) {
  rings++;
  __real_smmap_guard_ring();
}

/* A view that only this thread may end. */
static void *view_of_another_thread(void *env) {
  napi_value handle;
  return view_of_file(env, 0, LENGTH, &handle);
}

/* Handles first, and with a turn in between the views that they held. */
static void forget_all(napi_env env) {
  host_collect(env, NULL, 0);
  host_turn(env);
  host_collect(env, NULL, 0);
}

/* One that waited for a thread that had ended kept others from being told of. */
static void a_view_waits_for_a_thread_that_has_ended(napi_env env) {
  pthread_t thread;
  napi_value own;
  host_manners_now = (host_manners){.finalizes_in_detach = true, .finalizes_in_sweep = true};
  FUZZ_CHECK(pthread_create(&thread, NULL, view_of_another_thread, env) == 0, "thread");
  pthread_join(thread, NULL);
  rings = 0;
  forget_all(env);
  FUZZ_CHECK(rings == 1, "%d", rings);
  view_of_file(env, 0, LENGTH, &own); /* looks, and leaves it where it is */
  forget_all(env);
  FUZZ_CHECK(rings == 2, "%d", rings);
  host_call_named(env, "handle", 0, NULL); /* ends its own */
  host_stop(env);
}

int main(void) {
  static void (*const cases[])(napi_env env) = {
      a_view_outlives_its_handle_and_the_hooks_of_its_environment,
      an_array_over_a_mapping_that_begins_at_an_odd_byte,
      a_view_is_finalized_in_the_midst_of_a_collection,
      a_view_waits_for_a_thread_that_has_ended,
  };
  face_files();
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    face_resize(4096 * FACE_PAGES);
    host_manners_now = (host_manners){.has_loop = true};
    napi_env env = host_begin();
    cases[i](env);
    host_end(env);
    face_check_files();
  }
  return 0;
}
