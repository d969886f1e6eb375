/* Values to call the addon with: good ones, and those that nobody should give. */
#ifndef SMMAP_TEST_FACE_VALUES_H
#define SMMAP_TEST_FACE_VALUES_H

#include "fuzz.h"
#include "host.h"

/* The files that are mapped; see face_files.c. */
#define FACE_PAGES 10

/* A value that is kept, and what it is good for: 'h' handle, 'd' descriptor, 'v' view, else 0. */
typedef struct {
  napi_value value;
  char kind;
} face_kept;

#define FACE_KEPT 24

/* One environment and what its program holds on to. */
typedef struct {
  napi_env env;
  face_kept kept[FACE_KEPT];
} face_program;

/*
 * What a function takes, a letter an argument; NULL for a name that is not known:
 *   h handle  d descriptor  D descriptor or null  o offset of a page  n number  m small number
 *   b boolean  p path  q name or null  g flags  f function  x object  w number of a watch
 *   u bytes  s, c, e, i arrays for five 64-bit integers, seven floats, one float, 32-bit numbers
 */
const char *face_signature(const char *name);

/* An argument for one of these letters; mostly a good one. */
napi_value face_argument(face_program *program, fuzz_input *input, char letter);

/* A kept value of a kind; NULL: there is none. */
napi_value face_find(const face_program *program, fuzz_input *input, char kind);

/* Keeps a value, in the place of another. */
void face_keep(face_program *program, fuzz_input *input, napi_value value, char kind);

/* ---- files (face_files.c) ---- */

/* Makes a folder with a file that changes and one that nobody may write, once. */
void face_files(void);

/* Number `choice` of the paths to try. */
const char *face_path(uint32_t choice);

/* Whether it is another one than that which nobody may write. */
bool face_may_write(const char *path);

/* The file that changes is `size` bytes long from here on. */
void face_resize(size_t size);

/* Ends the program unless the other file has its content, and as many descriptors are open as at first. */
void face_check_files(void);

/* ---- the system (face_system.c) ---- */

/* Neither a file nor a mapping may be larger. */
#define FACE_MOST_BYTES ((size_t)1 << 20)

/* Lets the allocation of the addon fail that comes after `calls` others; 0: none. */
void face_allocation_fails_after(uint32_t calls);

#endif
