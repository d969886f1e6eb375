/*
 * Searching memory as fast as it can be touched. Plain functions of bytes: nothing here
 * knows of mappings. Bytes that change meanwhile may be found or not; nothing beyond
 * `length` is ever read.
 */
#ifndef SMMAP_SEARCH_H
#define SMMAP_SEARCH_H

#include <stddef.h>
#include <stdint.h>

#define SMMAP_NOT_FOUND SIZE_MAX

/* Where the first (or last) occurrence of `size` >= 1 bytes begins. Time is linear, whatever is looked for. */
size_t smmap_search_first(const uint8_t *bytes, size_t length, const uint8_t *needle, size_t size);
size_t smmap_search_last(const uint8_t *bytes, size_t length, const uint8_t *needle, size_t size);

/*
 * How many occurrences there are that do not overlap, taken from the front; `*end` is where the
 * last of them ends, 0 when there is none; for one byte it is `length`.
 */
size_t smmap_search_count(const uint8_t *bytes, size_t length, const uint8_t *needle, size_t size,
                          size_t *end);

/*
 * Where a byte stands: up to `most` positions, in order, all of them below 2^32.
 * Returns how many there are; fewer than `most`: these are all, and the one behind them may be
 * written too.
 */
size_t smmap_search_positions(const uint8_t *bytes, size_t length, uint8_t byte, uint32_t *into,
                              size_t most);

#endif
