/**
 * CPython's `test_mmap` has a twin here for every test function, under its name:
 * the 51 of Python 3.14 and the two that 3.15 adds. They are in the files
 * `mmap-suite-*.test.ts`, by subject, and work on content that depends on its position.
 */

import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { checkout, readText } from './support/checkout.js';

const OF_PYTHON = [
  ...['test_basic', 'test_access_parameter', 'test_trackfd_parameter', 'test_trackfd_neg1'],
  ...['test_no_trackfd_parameter_on_windows', 'test_bad_file_desc', 'test_tougher_find'],
  ...['test_find_end', 'test_find_does_not_access_beyond_buffer', 'test_rfind'],
  ...['test_double_close', 'test_entire_file', 'test_length_0_offset'],
  ...['test_length_0_large_offset', 'test_move', 'test_anonymous', 'test_read_all'],
  ...['test_read_invalid_arg', 'test_extended_getslice', 'test_extended_set_del_slice'],
  ...['test_empty_file', 'test_offset', 'test_subclass', 'test_prot_readonly', 'test_error'],
  ...['test_io_methods', 'test_non_ascii_byte', 'test_tagname', 'test_sizeof'],
  ...['test_crasher_on_windows', 'test_invalid_descriptor', 'test_context_manager'],
  ...['test_context_manager_exception', 'test_weakref'],
  ...['test_write_returning_the_number_of_bytes_written', 'test_resize_past_pos'],
  ...['test_concat_repeat_exception', 'test_flush_return_value', 'test_repr', 'test_madvise'],
  ...['test_resize_up_anonymous_mapping', 'test_resize_up_private_anonymous_mapping'],
  ...['test_resize_down_anonymous_mapping', 'test_resize_fails_if_mapping_held_elsewhere'],
  ...['test_resize_succeeds_with_error_for_second_named_mapping'],
  ...['test_mmap_closed_by_int_scenarios', 'test_access_violations', 'test_large_offset'],
  ...['test_large_filesize', 'test_around_2GB', 'test_around_4GB'],
];
const OF_3_15 = ['test_flush_parameters', 'test_set_name'];

test('every test function of CPython has exactly one twin, and nothing else is called so', () => {
  assert.equal(OF_PYTHON.length, 51);
  const files = readdirSync(join(checkout, 'test')).filter((name) => /^mmap-suite-/.test(name));
  const named = files.flatMap((name) =>
    [...readText(`test/${name}`).matchAll(/\b(?:test|describe)\(\s*'(test_\w+)/g)].map(
      ([, twin]) => twin,
    ),
  );
  assert.deepEqual(named.sort(), [...OF_PYTHON, ...OF_3_15].sort());
});
