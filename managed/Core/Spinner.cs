// Whether a worker with nothing to do waits a little before it sleeps.
//
// Spinning pays only if the next item comes from another CPU within the time a
// sleep and a wake would take. A bound worker's items come from its own CPU, so
// it never spins; an unbound one spins while that has been paying: a spin that
// met an item earns credit, one that did not costs it. Without credit the worker
// sleeps at once, and one spin in RetryEvery is made to notice a change.

using Wq.Os;

namespace Wq.Core;

internal unsafe struct Spinner
{
    private const int MaxPauses = 400; // Some 15 microseconds.
    private const int MaxCredit = 8;
    private const int RetryEvery = 16;

    private int _credit;
    private int _sleeps;

    /// <summary>True as soon as there is an item; false when it is time to sleep.</summary>
    public bool SpinWhileEmpty(Inbox* inbox, int cpu)
    {
        if (cpu >= 0 || Cpus.IsOnlyOne || (_credit == 0 && ++_sleeps % RetryEvery != 0))
        {
            return false;
        }
        for (int i = 0; i < MaxPauses; i++)
        {
            if (!Inbox.IsEmpty(inbox))
            {
                _credit = _credit < MaxCredit ? _credit + 1 : MaxCredit;
                return true;
            }
            Cpus.Relax();
        }
        _credit = _credit > 0 ? _credit - 1 : 0;
        return false;
    }
}
