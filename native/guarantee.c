#include "guarantee.h"

#include "ledger.h"
#include "quarantine.h"

#include <stdlib.h>

smmap_guarantee *smmap_guarantee_make(uint32_t maps) {
  while (!smmap_ledger_promise(maps)) {
    if (smmap_quarantine_release(maps) == 0) return NULL;
  }
  smmap_guarantee *guarantee = malloc(sizeof *guarantee);
  if (guarantee == NULL) {
    smmap_ledger_unpromise(maps);
    return NULL;
  }
  *guarantee = (smmap_guarantee){.refs = 1, .unused = maps};
  return guarantee;
}

static void unref(smmap_guarantee *guarantee) {
  if (--guarantee->refs == 0) free(guarantee);
}

void smmap_guarantee_give_up(smmap_guarantee *guarantee) {
  guarantee->given_up = true;
  smmap_ledger_unpromise(guarantee->unused);
  unref(guarantee);
}

bool smmap_guarantee_draw(smmap_guarantee *guarantee) {
  if (guarantee->unused == 0) return false;
  guarantee->unused--;
  guarantee->refs++;
  return true;
}

void smmap_guarantee_return(smmap_guarantee *guarantee) {
  guarantee->unused++;
  /* Not checked against the ceiling: its own mapping has just gone. What that left in
     quarantine is released when the next mapping needs the room. */
  if (!guarantee->given_up) smmap_ledger_promise_again();
  unref(guarantee);
}
