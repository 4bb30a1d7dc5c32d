// SPDX-License-Identifier: GPL-2.0-only
// The steps of a program that are about CPUs: made, and judged by CpuCalls.

using Wq.Core;

namespace Wq.Sim;

internal static unsafe class CpuSteps
{
    public static bool Make(SimThread self, Call call)
    {
        if (call.Step.Verb == Verb.Hold)
        {
            CpuHotplugLock.Get();
            CpuCalls.Held(self);
            return true;
        }
        if (call.Step.Verb == Verb.Release)
        {
            CpuCalls.Releases(self);
            bool holds = *self.CpuHolds != 0;
            bool result = CpuHotplugLock.Put();
            if (result != holds)
            {
                Machine.Fail("a thread lets go of the online CPUs, and holds them " + (holds ? "" : "not"));
            }
            return result;
        }
        CpuCalls.Begins(call);
        switch (call.Step.Verb)
        {
            case Verb.Up:
                call.Error = Hotplug.CpuUp(call.Step.Cpu);
                break;
            case Verb.Down:
                call.Error = Hotplug.CpuDown(call.Step.Cpu);
                break;
            case Verb.Rescan:
                call.Error = Hotplug.CpuRescan(out call.Nr);
                break;
            case Verb.Allow:
                Kernel.Allow((ulong)call.Step.Jiffies);
                break;
        }
        return call.Error == Wq.Os.Errno.None;
    }
}
