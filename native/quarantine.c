#include "quarantine.h"

#include "ledger.h"
#include "lock.h"
#include "mapping.h"

#include <stdint.h>

/* How many ranges are kept: at the measured 6 µs a map, a read has at least 6 ms to finish. */
#define CAPACITY 1024u
/* And how much address space: this part of what the process may use. */
#define SHARE_OF_ADDRESSES 16u
/* Where no limit is set: 47 bits of user addresses (x86-64, four-level paging). */
#define ALL_ADDRESSES ((uint64_t)1 << 47)

typedef struct {
  void *address;
  size_t length;
  smmap_slot *slot; /* NULL: none */
} range;

static smmap_lock lock = SMMAP_LOCK_INIT;
static range ring[CAPACITY]; /* all below under `lock` */
static size_t first, count;
static uint64_t held; /* bytes */

static uint64_t most_bytes(void) {
  uint64_t limit = smmap_os_address_limit();
  return (limit == 0 ? ALL_ADDRESSES : limit) / SHARE_OF_ADDRESSES;
}

static range take_oldest(void) {
  range oldest = ring[first];
  first = (first + 1) % CAPACITY;
  count--;
  held -= oldest.length;
  return oldest;
}

static void leave_registry(smmap_slot *slot) {
  if (slot != NULL) smmap_registry_remove(slot);
}

static void give_back(range closed) {
  leave_registry(closed.slot); /* before the addresses can be somebody else's */
  smmap_os_unreserve(closed.address, closed.length);
  smmap_ledger_released(closed.length);
}

void smmap_quarantine_put(void *address, size_t length, smmap_slot *slot) {
  uint64_t most = most_bytes();
  if (length > most) {
    leave_registry(slot);
    smmap_os_unmap(address, length);
    smmap_ledger_closed(length);
    return;
  }
  if (!smmap_os_reserve(address, length, slot != NULL)) {
    leave_registry(slot);
    smmap_ledger_closed(length); /* nothing is held: the range is unmapped */
    return;
  }
  smmap_ledger_quarantined(length);
  for (;;) {
    smmap_lock_take(&lock);
    if (count < CAPACITY && held + length <= most) {
      ring[(first + count) % CAPACITY] = (range){address, length, slot};
      count++;
      held += length;
      smmap_lock_give(&lock);
      return;
    }
    range oldest = take_oldest(); /* count > 0: an empty ring has room, as length <= most */
    smmap_lock_give(&lock);
    give_back(oldest);
  }
}

size_t smmap_quarantine_release(size_t most) {
  size_t released = 0;
  while (released < most) {
    smmap_lock_take(&lock);
    if (count == 0) {
      smmap_lock_give(&lock);
      break;
    }
    range oldest = take_oldest();
    smmap_lock_give(&lock);
    give_back(oldest);
    released++;
  }
  return released;
}
