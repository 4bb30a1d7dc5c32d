# SPDX-License-Identifier: GPL-2.0-only
"""What a figure depends on besides the programs: named kinds, never names of machines."""
import os
import platform
import subprocess


def field(path, name):
    """The value of the first "name : value" line of a file, or "?"."""
    with open(path, encoding="utf-8") as file:
        return next((line.split(":", 1)[1].strip() for line in file if line.startswith(name)), "?")


def first_line(*command):
    try:
        return subprocess.run(command, stdout=subprocess.PIPE, text=True,
                              check=True).stdout.splitlines()[0]
    except (OSError, subprocess.CalledProcessError, IndexError):
        return "?"


def describe():
    virtual = "hypervisor" in field("/proc/cpuinfo", "flags").split()
    return [f"{len(os.sched_getaffinity(0))} CPUs, {field('/proc/cpuinfo', 'model name')}"
            + (", virtual" if virtual else ""),
            f"Linux {platform.release().split('-')[0]}",
            platform.freedesktop_os_release().get("PRETTY_NAME", "?"),
            "gcc " + first_line("gcc", "-dumpfullversion"),
            ".NET SDK " + first_line("dotnet", "--version"),
            "glibc " + platform.libc_ver()[1],
            f"load before: {os.getloadavg()[0]:.1f}"]
