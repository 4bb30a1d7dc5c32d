// SPDX-License-Identifier: GPL-2.0-only
// What must not be asleep: when nobody can run, nothing is due, and no call waits that must not.

namespace Wq.Sim;

internal static unsafe partial class Judge
{
    private const long LongestMomentNs = 50_000_000; // More than a membarrier that is refused late takes.

    /// <summary>Nobody can run until then: no armed item may be due earlier, and a call that must not wait goes on.</summary>
    public static void AllSleepUntil(long ns)
    {
        foreach (Queueing queueing in Records.Queueings)
        {
            if (queueing.IsArmed && queueing.IsOutstanding && queueing.DueNs < ns && !IsTimerHeldUp())
            {
                Machine.Fail(Item(queueing.Item) + " is due, and everybody sleeps past it");
            }
        }
        for (int id = 0; id < Machine.NrThreads; id++)
        {
            Call? call = Machine.ThreadAt(id).Call;
            if (call?.Step.Verb is Verb.Queue or Verb.Delay or Verb.Mod or Verb.Schedule or Verb.Recall or Verb.CancelTimer or Verb.Disable or Verb.Enable
                && ns - call.BeganNs > LongestMomentNs)
            {
                Machine.Fail("a call for " + Item(call.Step.Item) + " waits, and must not");
            }
            Queueing? flushed = call?.Step.Verb == Verb.FlushDelayed ? Ledger.At(call.Step.Item).Outstanding : null;
            if (flushed != null && flushed.IsArmed && flushed.IsBefore(call!.BeganAt, id) && ns - call.BeganNs > LongestMomentNs)
            {
                Machine.Fail("a flush of " + Item(call.Step.Item) + " waits for its delay");
            }
        }
    }

    // A thread meets a membarrier that is refused late, once: a timer's, or one that holds a lock that this may want.
    private static bool IsTimerHeldUp()
    {
        bool any = false;
        for (int id = 0; id < Machine.NrThreads; id++)
        {
            SimThread thread = Machine.ThreadAt(id);
            any |= (thread.HasTimerLoop || thread.Locks.Nr != 0) && thread.State == ThreadState.Asleep;
        }
        return any;
    }
}
