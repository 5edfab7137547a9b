"""A struct sequence of a native module is C code's own type there: posix_spawn asks for a sched_param of its."""
import os
import sys

policy = os.sched_getscheduler(0)
parameter = os.sched_param(os.sched_get_priority_min(policy))
program = "import os, sys; sys.exit(os.sched_getscheduler(0) == int(sys.argv[1]))"
for scheduler in (None, parameter), (policy, parameter), (policy, os.sched_param(sched_priority=0)):
    pid = os.posix_spawn(sys.executable, [sys.executable, "-I", "-S", "-c", program, str(policy)], os.environ, scheduler=scheduler)
    print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
for wrong in (policy, (0,)), (policy, 0):
    try:
        os.posix_spawn(sys.executable, [sys.executable, "-c", ""], os.environ, scheduler=wrong)
    except TypeError as e:
        print(e)
print(type(parameter), parameter, parameter.sched_priority, os.sched_getparam(0) == (0,))
