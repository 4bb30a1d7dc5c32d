// SPDX-License-Identifier: GPL-2.0-only
// The calls of a program that queue an item.

using Wq.Core;
using Wq.Os;
using Wq.Timers;

namespace Wq.Sim;

internal static unsafe class Queueings
{
    /// <summary>Makes one of them on <paramref name="wq"/>, which is null for the global queue; returns what it says.</summary>
    public static bool Make(SimThread self, in Step step, Workqueue* wq)
    {
        Errno error = Errno.None;
        if (Interpreter.Program.ChecksEvents)
        {
            Events.Ask(self, step.Item);
        }
        bool result = step.Verb switch
        {
            Verb.Queue => step.Cpu < 0 ? Queue.QueueWork(wq, Items.WorkOf(step.Item))
                : Queue.QueueWorkOn(step.Cpu, wq, Items.WorkOf(step.Item)),
            Verb.Delay => Delayed.QueueDelayedWorkOn(step.Cpu, wq, Items.At(step.Item), Deadline.InJiffies((nuint)step.Jiffies), out error),
            Verb.Mod => Modify.ModDelayedWorkOn(step.Cpu, wq, Items.At(step.Item), (nuint)step.Jiffies, out error),
            _ => Queue.QueueWork(SystemWorkqueues.Events, Items.WorkOf(step.Item)),
        };
        self.Call!.WasRefused |= error != Errno.None;
        return result;
    }
}
