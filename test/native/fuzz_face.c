/*
 * The addon's functions, called as no reasonable program calls them: with anything, in any
 * order, while files change, engines refuse and memory ends. Afterwards nothing may be left.
 */
#include "face_values.h"

#include "../../native/guard.h"
#include "../../native/ledger.h"
#include "../../native/quarantine.h"

#include <string.h>

#define MOST_ARGUMENTS 8
#define PROGRAMS 2

static face_program programs[PROGRAMS];

static void begin(face_program *program) {
  *program = (face_program){.env = NULL};
  /* A failure on purpose occurs once. */
  while (program->env == NULL) program->env = host_begin();
  if (host_manners_now.has_loop) host_call_named(program->env, "hasLibuv", 0, NULL);
}

/* What a result is good for. */
static char kind_of(const char *name, napi_value result) {
  if (strcmp(name, "handle") == 0) return 'h';
  if (strcmp(name, "open") == 0 || strcmp(name, "duplicate") == 0) return 'd';
  return result->kind == HOST_ARRAYBUFFER ? 'v' : 0;
}

static void call(face_program *program, fuzz_input *input, bool with_anything) {
  napi_value values[MOST_ARGUMENTS];
  size_t count = 0;
  napi_value function =
      host_function(program->env, (int)fuzz_number(input, HOST_FUNCTIONS - 1));
  if (function == NULL) return;
  /* The package says so where it is so, and nobody else can. */
  if (strcmp(function->name, "hasLibuv") == 0 && !host_manners_now.has_loop) return;
  const char *letters = face_signature(function->name);
  FUZZ_CHECK(letters != NULL, "%s is not in the table of signatures", function->name);
  size_t usual = strlen(letters);
  size_t given = with_anything ? fuzz_number(input, MOST_ARGUMENTS) : usual;
  for (; count < given; count++) {
    values[count] = face_argument(program, input, count < usual ? letters[count] : 'n');
  }
  napi_value result = host_call(program->env, function, count, values);
  if (result != NULL && result->kind >= HOST_OBJECT) {
    face_keep(program, input, result, kind_of(function->name, result));
  }
}

/* What a program does with a view: the first byte, the last and one between, read and perhaps stored. */
static void touch(face_program *program, fuzz_input *input) {
  napi_value view = face_find(program, input, 'v');
  uint32_t choice = fuzz_byte(input);
  if (view == NULL || view->length == 0) return;
  size_t places[] = {0, view->length - 1, fuzz_number(input, 65535) % view->length};
  for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
    volatile uint8_t *byte = view->bytes + places[i];
    uint8_t value = *byte;
    if (choice % 2 == 0) *byte = (uint8_t)(value + 1);
  }
}

/* What an engine or a program does to a view behind the addon's back. */
static void take_away(face_program *program, fuzz_input *input) {
  napi_value view = face_find(program, input, 'v');
  if (view == NULL || view->detached) return;
  if (fuzz_byte(input) % 2 == 0) face_keep(program, input, host_transfer(view), 'v');
  else napi_detach_arraybuffer(program->env, view);
}

static void collect(face_program *program) {
  napi_value roots[FACE_KEPT];
  for (int i = 0; i < FACE_KEPT; i++) roots[i] = program->kept[i].value;
  host_collect(program->env, roots, FACE_KEPT);
}

/* Other threads may still be reading when hooks have run: so do we, and where pages are lost. */
static void end(face_program *program, fuzz_input *input) {
  host_stop(program->env);
  if (fuzz_byte(input) % 2 == 0) face_resize(0);
  touch(program, input);
  host_end(program->env);
  program->env = NULL;
}

/* A handle that holds a mapping, a view of it: what nearly every sequence needs. Those before are forgotten. */
static void map_something(face_program *program, uint32_t choice) {
  napi_env env = program->env;
  const char *path = face_path(choice);
  bool writes = face_may_write(path);
  napi_value yes_or_no = host_value(env, HOST_BOOLEAN);
  yes_or_no->number = writes;
  napi_value zero = host_number(env, 0), length = host_number(env, 40000);
  const napi_value opening[] = {host_buffer(env, path, strlen(path)), yes_or_no, zero};
  napi_value handle = host_call_named(env, "handle", 0, NULL);
  napi_value descriptor = host_call_named(env, "open", 3, opening);
  if (handle == NULL || descriptor == NULL) return;
  const napi_value mapping[] = {handle,    descriptor, zero, length, host_number(env, writes),
                                yes_or_no, yes_or_no};
  const napi_value viewing[] = {handle, zero, length};
  program->kept[0] = (face_kept){handle, 'h'};
  program->kept[1] = (face_kept){descriptor, 'd'};
  if (host_call_named(env, "map", 7, mapping) == NULL) return;
  program->kept[2] = (face_kept){host_call_named(env, "view", 3, viewing), 'v'};
}

static void step(face_program *program, fuzz_input *input) {
  switch (fuzz_byte(input) % 22) {
    case 0: collect(program); break;
    case 1: host_turn(program->env); break;
    case 2: host_run_job(program->env); break;
    case 3: face_resize(4096u * fuzz_number(input, FACE_PAGES) + fuzz_byte(input) % 2 * 100); break;
    case 4: take_away(program, input); break;
    case 5: program->kept[fuzz_number(input, FACE_KEPT - 1)] = (face_kept){NULL, 0}; break;
    case 6: host_fail_after(fuzz_number(input, 15)); break;
    case 7: face_allocation_fails_after(fuzz_number(input, 7)); break;
    case 8: smmap_quarantine_release(fuzz_number(input, 31)); break;
    case 9:
      if (fuzz_byte(input) % 8 != 0) break;
      end(program, input);
      begin(program);
      break;
    case 10:
    case 11:
    case 12: touch(program, input); break;
    case 13:
    case 14: call(program, input, true); break;
    case 15: map_something(program, fuzz_byte(input)); break;
    default: call(program, input, false); break;
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  fuzz_input input = {data, size};
  face_files();
  smmap_guard_arm(); /* from here on it cannot be refused: what follows touches lost pages */
  host_fail_after(0);
  face_allocation_fails_after(0);
  face_resize(4096 * FACE_PAGES);
  uint32_t manners = fuzz_byte(&input);
  host_manners_now = (host_manners){
      .finalizes_in_detach = manners % 2 == 1,
      .has_loop = manners / 2 % 2 == 1,
      .forgets_own_data_first = manners / 4 % 2 == 1,
      .finalizes_in_sweep = manners % 2 == 1 && manners / 2 % 2 == 0, /* where there is no loop */
      .ends_in_view = manners / 64 % 2 == 1,
  };
  for (int i = 0; i < PROGRAMS; i++) {
    begin(&programs[i]);
    map_something(&programs[i], manners / 8 + (uint32_t)i);
  }
  while (input.size > 0) {
    uint32_t which = fuzz_byte(&input) % 4 == 0 ? 1 : 0;
    step(&programs[which], &input);
  }
  for (int i = 0; i < PROGRAMS; i++) end(&programs[i], &input);
  smmap_counts left = smmap_ledger_counts();
  FUZZ_CHECK(left.maps == 0 && left.bytes == 0, "%llu mappings are left",
             (unsigned long long)left.maps);
  face_check_files();
  return 0;
}
