/*
 * What the fuzzed programs share. Each is one function of an input, which it reads as a stream
 * of choices. fuzz_main.c feeds it; its name is the one that libFuzzer knows, so that can feed it too
 * (with -print_funcs=0, for a symbolizer's descriptors would count as ours).
 */
#ifndef SMMAP_TEST_FUZZ_H
#define SMMAP_TEST_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

/* The fuzzed function; libFuzzer knows it by this name. Aborts when something is wrong. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What is left of an input. Past the end everything is 0. */
typedef struct {
  const uint8_t *data;
  size_t size;
} fuzz_input;

static inline uint32_t fuzz_byte(fuzz_input *input) {
  if (input->size == 0) return 0;
  input->size--;
  return *input->data++;
}

/* A number of 0 to `most`, which is less than 2^16. */
static inline uint32_t fuzz_number(fuzz_input *input, uint32_t most) {
  uint32_t number = fuzz_byte(input);
  if (most > UINT8_MAX) number = number << 8 | fuzz_byte(input);
  return number % (most + 1);
}

/* Ends the program unless `truth`; the input that led here is kept by who feeds it. */
#define FUZZ_CHECK(truth, ...)                                     \
  do {                                                             \
    if (!(truth)) {                                                \
      fprintf(stderr, "%s:%d: %s: ", __FILE__, __LINE__, #truth);  \
      fprintf(stderr, __VA_ARGS__);                                \
      fputc('\n', stderr);                                         \
      abort();                                                     \
    }                                                              \
  } while (0)

#endif
