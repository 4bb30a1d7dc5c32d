# SPDX-License-Identifier: GPL-2.0-only
#
# Which tests there are of a library for another machine: their programs run in qemu-user.

list(JOIN CMAKE_CROSSCOMPILING_EMULATOR " " emulator)
list(APPEND environment WQ_TEST_SLOW=1 WQ_EMULATOR=${emulator})

set(left_out
  # They need two CPUs at full speed, or measure time.
  "race_.*" "stress_.*" rule_deferrable
  # They count threads or memory, and the emulator has some itself.
  cpu_up_fails misuse_no_threads rule_fork_before_first_call rule_locked_memory
  # Their forked children start threads, at which qemu 7.2 aborts or hangs.
  get_online_cpus kthread lockdep rule_cpus_follow_the_process rule_debug_objects rule_fork rule_fork_handlers
  rule_refused_calls)
list(JOIN left_out "|" left_out)
list(FILTER sources EXCLUDE REGEX "/(${left_out})\\.cc?$")
# The other scripts run what they build, or other programs of this machine.
list(FILTER scripts INCLUDE REGEX "/(abi_hardening|abi_no_runtime|abi_symbols|static_link)\\.sh$")

# On a processor with fewer instructions than the emulator's own has.
function(wq_add_on_older_cpu)
  foreach(name IN LISTS ARGN)
    add_test(NAME ${name}_${WQ_OLDER_CPU} COMMAND test_${name})
    wq_test_properties(${name}_${WQ_OLDER_CPU})
    set_property(TEST ${name}_${WQ_OLDER_CPU} APPEND PROPERTY ENVIRONMENT QEMU_CPU=${WQ_OLDER_CPU})
  endforeach()
endfunction()
