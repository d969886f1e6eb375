/* open, duplicate, status, close: a descriptor that is closed when its object is forgotten. */
#include "face.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>

static const napi_type_tag descriptor_tag = {0x2c96be0d417f4a35ULL, 0xb0588d1ef27a3c94ULL};

/* How many numbers `status` writes: device, inode, size, time of birth in ns, kind. */
#define STATUS_FIELDS 5

typedef struct {
  int fd; /* -1: closed */
} descriptor;

/* Descriptors open in the whole process, all threads together. */
static _Atomic uint32_t open_descriptors;

static void close_it(descriptor *each) {
  if (each->fd < 0) return;
  smmap_os_close(each->fd);
  each->fd = -1;
  atomic_fetch_sub(&open_descriptors, 1);
}

static void finalize_descriptor(napi_env env, void *data, void *hint) {
  (void)env;
  (void)hint;
  descriptor *each = data;
  close_it(each);
  free(each);
}

static napi_value wrap_descriptor(napi_env env, int fd) {
  napi_value object;
  descriptor *fresh = malloc(sizeof *fresh);
  if (fresh != NULL) {
    fresh->fd = fd;
    if (smmap_face_wrap(env, fresh, &descriptor_tag, finalize_descriptor, &object, NULL)) {
      atomic_fetch_add(&open_descriptors, 1);
      return object;
    }
  }
  free(fresh);
  smmap_os_close(fd);
  smmap_face_throw(env, (smmap_failure){ENOMEM, "malloc"});
  return NULL;
}

static bool descriptor_of(napi_env env, napi_value value, descriptor **found) {
  void *native;
  if (!smmap_face_unwrap(env, value, "descriptor", &descriptor_tag, &native)) return false;
  *found = native;
  return true;
}

bool smmap_face_descriptor(napi_env env, napi_value value, int *fd) {
  descriptor *found;
  if (!descriptor_of(env, value, &found)) return false;
  if (found->fd < 0) {
    smmap_face_throw(env, (smmap_failure){EBADF, "mmap"});
    return false;
  }
  *fd = found->fd;
  return true;
}

/* A descriptor number as the user named it. */
static bool number_of(napi_env env, napi_value value, int *fd) {
  uint64_t number;
  if (!smmap_face_integer(env, value, "fd", &number)) return false;
  *fd = number > INT32_MAX ? -1 : (int)number; /* -1: the system answers EBADF */
  return true;
}

/* open(path, writable, flags): descriptor */
static napi_value open_path(napi_env env, napi_callback_info info) {
  napi_value values[3];
  char path[SMMAP_PATH_MAX];
  bool writable;
  uint64_t flags;
  smmap_failure failure = {0, NULL};
  if (!smmap_face_arguments(env, info, 3, values) || !smmap_face_path(env, values[0], "open", path) ||
      !smmap_face_boolean(env, values[1], "writable", &writable) ||
      !smmap_face_integer(env, values[2], "flags", &flags)) {
    return NULL;
  }
  int fd = smmap_os_open(path, writable, (int)(flags & INT32_MAX), &failure);
  if (fd < 0) {
    smmap_face_throw(env, failure);
    return NULL;
  }
  return wrap_descriptor(env, fd);
}

/* duplicate(fd, writable): descriptor of its own for the same open file */
static napi_value duplicate(napi_env env, napi_callback_info info) {
  napi_value values[2];
  int fd;
  bool writable;
  smmap_failure failure = {0, NULL};
  if (!smmap_face_arguments(env, info, 2, values) || !number_of(env, values[0], &fd) ||
      !smmap_face_boolean(env, values[1], "writable", &writable)) {
    return NULL;
  }
  int copy = smmap_os_duplicate(fd, writable, &failure);
  if (copy < 0) {
    smmap_face_throw(env, failure);
    return NULL;
  }
  return wrap_descriptor(env, copy);
}

/* closeDescriptor(descriptor): again does nothing */
static napi_value close_descriptor(napi_env env, napi_callback_info info) {
  napi_value values[1];
  descriptor *found;
  if (!smmap_face_arguments(env, info, 1, values) || !descriptor_of(env, values[0], &found)) {
    return NULL;
  }
  close_it(found);
  return NULL;
}

/* descriptorNumber(descriptor): its number, for calls of Node's own on the same open file */
static napi_value descriptor_number(napi_env env, napi_callback_info info) {
  napi_value values[1];
  int fd;
  if (!smmap_face_arguments(env, info, 1, values) ||
      !smmap_face_descriptor(env, values[0], &fd)) {
    return NULL;
  }
  return smmap_face_number(env, fd);
}

/* extend(descriptor, oldSize, size): the file is `size` bytes long, its new blocks allocated */
static napi_value extend(napi_env env, napi_callback_info info) {
  napi_value values[3];
  int fd;
  uint64_t old_size, size;
  smmap_failure failure = {0, NULL};
  if (!smmap_face_arguments(env, info, 3, values) ||
      !smmap_face_descriptor(env, values[0], &fd) ||
      !smmap_face_integer(env, values[1], "oldSize", &old_size) ||
      !smmap_face_integer(env, values[2], "size", &size)) {
    return NULL;
  }
  if (size < old_size) {
    smmap_face_throw(env, (smmap_failure){EINVAL, "extend"});
  } else if (size > old_size && !smmap_os_extend(fd, old_size, size, &failure)) {
    smmap_face_throw(env, failure);
  }
  return NULL;
}

/* truncate(descriptor, size): the file is `size` bytes long, which is less than it was */
static napi_value truncate_file(napi_env env, napi_callback_info info) {
  napi_value values[2];
  int fd;
  uint64_t size;
  smmap_failure failure = {0, NULL};
  if (!smmap_face_arguments(env, info, 2, values) ||
      !smmap_face_descriptor(env, values[0], &fd) ||
      !smmap_face_integer(env, values[1], "size", &size)) {
    return NULL;
  }
  if (!smmap_os_truncate(fd, size, &failure)) smmap_face_throw(env, failure);
  return NULL;
}

/* read(fd, into: Uint8Array, start, length, position): bytes read; fewer at the end, or when
   something failed. By number and not by object: looking into an object costs a third of a small
   read; and into a part of an array, for which no object need be made. */
static napi_value read_file(napi_env env, napi_callback_info info) {
  napi_value values[5];
  int fd;
  void *into;
  size_t room;
  uint64_t start, length, position;
  if (!smmap_face_arguments(env, info, 5, values) || !number_of(env, values[0], &fd) ||
      !smmap_face_integer(env, values[2], "start", &start) ||
      !smmap_face_integer(env, values[3], "length", &length) ||
      !smmap_face_integer(env, values[4], "position", &position) ||
      !smmap_face_array(env, values[1], napi_uint8_array, 0, "into", "a Uint8Array", &into,
                        &room)) {
    return NULL;
  }
  if (start > room || length > room - start) {
    napi_throw_range_error(env, "ERR_OUT_OF_RANGE", "the part must lie inside \"into\"");
    return NULL;
  }
  /* start + length <= room, and no JavaScript runs meanwhile that could take the array away */
  return smmap_face_number(env, (double)smmap_os_read(fd, (uint8_t *)into + start, (size_t)length, position));
}

/* readNow(descriptor, into: Uint8Array, position): bytes that could be had without waiting for the device */
static napi_value read_now(napi_env env, napi_callback_info info) {
  napi_value values[3];
  int fd;
  void *into;
  size_t length;
  uint64_t position;
  if (!smmap_face_arguments(env, info, 3, values) ||
      !smmap_face_descriptor(env, values[0], &fd) ||
      !smmap_face_integer(env, values[2], "position", &position) ||
      !smmap_face_array(env, values[1], napi_uint8_array, 0, "into", "a Uint8Array", &into,
                        &length)) {
    return NULL;
  }
  /* as above */
  return smmap_face_number(env, (double)smmap_os_read_now(fd, into, length, position));
}

/* tellsResidency(descriptor or null): whether `residency` of a mapping of it is the truth */
static napi_value tells_residency(napi_env env, napi_callback_info info) {
  napi_value values[1];
  int fd = -1;
  if (!smmap_face_arguments(env, info, 1, values) ||
      (!smmap_face_is_null(env, values[0]) && !smmap_face_descriptor(env, values[0], &fd))) {
    return NULL;
  }
  return smmap_face_boolean_value(env, smmap_os_tells_residency(fd));
}

static bool fields_of(napi_env env, napi_value value, int64_t **fields) {
  void *data;
  if (!smmap_face_array(env, value, napi_bigint64_array, STATUS_FIELDS, "into",
                        "a BigInt64Array of 5", &data, NULL)) {
    return false;
  }
  *fields = data; /* room for STATUS_FIELDS: just checked */
  return true;
}

static napi_value give_status(napi_env env, bool got, const smmap_file_status *status,
                              smmap_failure failure, int64_t *fields) {
  if (!got) {
    smmap_face_throw(env, failure);
    return NULL;
  }
  fields[0] = (int64_t)status->device;
  fields[1] = (int64_t)status->inode;
  fields[2] = (int64_t)status->size;
  fields[3] = status->born_ns;
  fields[4] = status->kind;
  return NULL;
}

/* status(descriptor, into) */
static napi_value status_of(napi_env env, napi_callback_info info) {
  napi_value values[2];
  int fd;
  int64_t *fields;
  smmap_file_status status;
  smmap_failure failure = {0, NULL};
  if (!smmap_face_arguments(env, info, 2, values) ||
      !smmap_face_descriptor(env, values[0], &fd) || !fields_of(env, values[1], &fields)) {
    return NULL;
  }
  bool got = smmap_os_status(fd, &status, &failure);
  return give_status(env, got, &status, failure, fields);
}

/* size(descriptor): bytes */
static napi_value size_of(napi_env env, napi_callback_info info) {
  napi_value values[1];
  int fd;
  uint64_t size;
  smmap_failure failure = {0, NULL};
  if (!smmap_face_arguments(env, info, 1, values) || !smmap_face_descriptor(env, values[0], &fd)) {
    return NULL;
  }
  if (smmap_os_size(fd, &size, &failure)) return smmap_face_number(env, (double)size);
  smmap_face_throw(env, failure);
  return NULL;
}

/* statusOfNumber(fd, into) */
static napi_value status_of_number(napi_env env, napi_callback_info info) {
  napi_value values[2];
  int fd;
  int64_t *fields;
  smmap_file_status status;
  smmap_failure failure = {0, NULL};
  if (!smmap_face_arguments(env, info, 2, values) || !number_of(env, values[0], &fd) ||
      !fields_of(env, values[1], &fields)) {
    return NULL;
  }
  bool got = smmap_os_status(fd, &status, &failure);
  return give_status(env, got, &status, failure, fields);
}

/* statusOfPath(path, into) */
static napi_value status_of_path(napi_env env, napi_callback_info info) {
  napi_value values[2];
  char path[SMMAP_PATH_MAX];
  int64_t *fields;
  smmap_file_status status;
  smmap_failure failure = {0, NULL};
  if (!smmap_face_arguments(env, info, 2, values) || !smmap_face_path(env, values[0], "stat", path) ||
      !fields_of(env, values[1], &fields)) {
    return NULL;
  }
  bool got = smmap_os_status_of_path(path, &status, &failure);
  return give_status(env, got, &status, failure, fields);
}

/* descriptorCount(): how many are open in the process */
static napi_value descriptor_count(napi_env env, napi_callback_info info) {
  (void)info;
  return smmap_face_number(env, atomic_load(&open_descriptors));
}

/* descriptorLimit(): how many the process may have open; 0: no limit */
static napi_value descriptor_limit(napi_env env, napi_callback_info info) {
  (void)info;
  return smmap_face_number(env, (double)smmap_os_descriptor_limit());
}

const smmap_function smmap_descriptor_functions[] = {
    {"open", open_path},
    {"duplicate", duplicate},
    {"closeDescriptor", close_descriptor},
    {"descriptorNumber", descriptor_number},
    {"extend", extend},
    {"truncate", truncate_file},
    {"read", read_file},
    {"readNow", read_now},
    {"tellsResidency", tells_residency},
    {"descriptorCount", descriptor_count},
    {"descriptorLimit", descriptor_limit},
    {"status", status_of},
    {"size", size_of},
    {"statusOfNumber", status_of_number},
    {"statusOfPath", status_of_path},
    {NULL, NULL},
};
