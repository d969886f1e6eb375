# Builds the native part: plain C, one file a purpose. Which files fill
# native/mapping.h is decided here, so no function body holds an #ifdef.
#
# Switches, given as GYP_DEFINES="name=value …" in the environment:
#   sanitize=address   (or undefined, thread) a build for tests under a sanitizer
#   werror=1           a warning fails the build; only for our own checks, because
#                      a newer compiler's new warning must not break an install
{
  'variables': {
    'sanitize%': 'none',
    'werror%': 0,
    'sources_posix': [
      'native/guard_posix.c',
      'native/handover_posix.c',
      'native/loop_uv.c',
      'native/mapping_posix.c',
    ],
  },

  # gyp would link with the C++ compiler; there is no C++ here.
  'make_global_settings': [['LINK', '$(CC)']],

  'targets': [{
    'target_name': 'smmap',
    'sources': [
      'native/alarm.c',
      'native/binding.c',
      'native/face.c',
      'native/face_constants.c',
      'native/face_descriptor.c',
      'native/face_handle.c',
      'native/face_jobs.c',
      'native/face_mapping.c',
      'native/face_memory.c',
      'native/face_process.c',
      'native/face_search.c',
      'native/face_weak.c',
      'native/ledger.c',
      'native/lifetime.c',
      'native/quarantine.c',
      'native/registry.c',
      'native/search.c',
    ],
    'defines': ['NAPI_VERSION=8'],
    'conditions': [
      ['target_arch=="x64"', { 'sources': ['native/search_x64.c'] }],
      ['target_arch=="arm64"', { 'sources': ['native/search_arm64.c'] }],
      ['target_arch not in "x64 arm64"', { 'sources': ['native/search_plain.c'] }],
      ['OS=="linux"', {
        'sources': ['<@(sources_posix)', 'native/constants_linux.c', 'native/mapping_linux.c'],
      }],
      ['OS=="mac"', {
        'sources': ['<@(sources_posix)', 'native/constants_darwin.c', 'native/mapping_darwin.c'],
        'xcode_settings': {
          'GCC_C_LANGUAGE_STANDARD': 'gnu11',
          'GCC_SYMBOLS_PRIVATE_EXTERN': 'YES',
          'MACOSX_DEPLOYMENT_TARGET': '11.0',
          'WARNING_CFLAGS': ['-Wall', '-Wextra'],
        },
      }],
      ['OS=="win"', {
        'sources': [
          'native/constants_win32.c',
          'native/error_win32.c',
          'native/guard_win32.c',
          'native/loop_none.c',
          'native/mapping_win32.c',
        ],
        'msvs_settings': {
          'VCCLCompilerTool': {
            'AdditionalOptions': ['/std:c11', '/experimental:c11atomics'],
          },
        },
      }],
      ['OS=="linux"', {
        'cflags': ['-std=gnu11', '-g', '-Wall', '-Wextra', '-fvisibility=hidden'],
        # Node's own settings ask for -O3, which buys nothing around system calls.
        'configurations': {
          'Release': { 'cflags!': ['-O3'], 'cflags': ['-O2'] },
        },
        # nodelete: the SIGBUS handler must outlive the module; now: a missing
        # symbol is an error at load, never inside the handler.
        'ldflags': ['-Wl,-z,nodelete', '-Wl,-z,now'],
      }],
      # One binary for glibc and musl: it names no C library and takes every
      # symbol from the process that loads it. _FILE_OFFSET_BITS would turn open
      # and fcntl into names that musl lacks; off_t has 64 bits here without it.
      ['OS=="linux" and sanitize=="none" and target_arch in "x64 arm64"', {
        'defines!': ['_FILE_OFFSET_BITS=64'],
        'ldflags': ['-nostdlib'],
        'libraries': ['-lgcc'],
      }],
      ['OS=="linux" and sanitize!="none"', {
        'cflags': ['-fsanitize=<(sanitize)', '-fno-omit-frame-pointer'],
        'ldflags': ['-fsanitize=<(sanitize)'],
      }],
      ['OS=="linux" and werror==1', { 'cflags': ['-Werror'] }],
    ],
  }],
}
