// How to wait for something that takes another thread nanoseconds: pause the
// core, then give the CPU away in case that thread needs it.

namespace Wq.Os;

internal struct Backoff
{
    private const int PausesBeforeYield = 64;

    private int _pauses;

    public void Pause()
    {
        if (_pauses < PausesBeforeYield)
        {
            _pauses++;
            Cpus.Relax();
        }
        else
        {
            Cpus.Yield();
        }
    }
}
