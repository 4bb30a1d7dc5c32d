// SPDX-License-Identifier: GPL-2.0-only
using System;
using Wq.Timers;
using Xunit;
using Xunit.Abstractions;

namespace Wq.Tests;

/// <summary>
/// The wheel and a sorted list do the same 100,000 random operations on 1,000 timers: same returns,
/// same order, none early, none lost, invariants whole. WQ_SEED replays a run.
/// </summary>
public class TimerWheelPropertyTests(ITestOutputHelper output)
{
    private const int NrTimers = 1000;
    private const int NrSteps = 100_000;

    [Theory]
    [InlineData(int.MaxValue)] // Every Advance in one go,
    [InlineData(20)] // or by twenty moves, with other operations in between.
    public void AWheelDoesWhatASortedListDoes(int maxMoves)
    {
        int seed = SeedOfThisRun();
        output.WriteLine($"WQ_SEED={seed} maxMoves={maxMoves}");
        using var run = new Run(seed, maxMoves);
        for (int step = 0; step < NrSteps; step++)
        {
            try
            {
                run.Step();
            }
            catch (Exception e)
            {
                throw new Xunit.Sdk.XunitException($"WQ_SEED={seed} maxMoves={maxMoves} step {step}: {e.Message}");
            }
        }
        run.FireTheRest();
        output.WriteLine(run.Summary());
        run.AssertEveryKindOfStepWasMade();
    }

    private static int SeedOfThisRun() =>
        int.TryParse(Environment.GetEnvironmentVariable("WQ_SEED"), out int seed) ? seed : Environment.TickCount;

    private sealed class Run : IDisposable
    {
        private readonly Random _random;
        private readonly TimerWheelRig _rig;
        private readonly TimerWheelModel _model = new();
        private readonly int _maxMoves;
        private ulong _targetNs; // Where the Advance under way goes.
        private bool _isAdvancing;
        private int _nrAdds, _nrMods, _nrDels, _nrFired, _nrBound, _nrExact;

        public Run(int seed, int maxMoves)
        {
            _random = new Random(seed);
            _maxMoves = maxMoves;
            _rig = new TimerWheelRig(NrTimers) { CheckEvery = 4 };
            for (int id = 0; id < NrTimers; id += 5)
            {
                _rig.SetDeferrable(id);
                _model.Deferrable.Add(id);
            }
        }

        public void Step()
        {
            int id = _random.Next(NrTimers);
            switch (_random.Next(100))
            {
                case < 40:
                    Arm(id);
                    break;
                case < 60:
                    _nrMods++;
                    ulong deadlineNs = RandomDeadline();
                    Assert.Equal(_model.Mod(id, deadlineNs), _rig.Mod(id, deadlineNs));
                    break;
                case < 80:
                    _nrDels++;
                    Assert.Equal(_model.Del(id), _rig.Del(id));
                    break;
                case < 90:
                    Advance();
                    break;
                default:
                    Pop(_random.Next(1, 40));
                    break;
            }
            CompareState();
        }

        public void FireTheRest()
        {
            _targetNs = TimerWheel.MaxDeadlineNs;
            _isAdvancing = true;
            while (_isAdvancing)
            {
                ContinueAdvance();
            }
            Pop(int.MaxValue);
            CompareState();
            Assert.All(_rig.AllPending(), id => Assert.Equal(TimerWheel.NeverNs, DeadlineOf(id)));
        }

        public string Summary() =>
            $"adds {_nrAdds} mods {_nrMods} dels {_nrDels} fired {_nrFired} "
            + $"next expiry exact {_nrExact} earlier {_nrBound}";

        public void AssertEveryKindOfStepWasMade() =>
            Assert.All(new[] { _nrAdds, _nrMods, _nrDels, _nrFired, _nrExact }, nr => Assert.True(nr > 1000));

        public void Dispose() => _rig.Dispose();

        private void Arm(int id)
        {
            Assert.Equal(_model.IsPending(id), _rig.IsPending(id));
            if (_rig.IsPending(id))
            {
                return;
            }
            _nrAdds++;
            ulong deadlineNs = RandomDeadline();
            _model.Add(id, deadlineNs);
            _rig.Add(id, deadlineNs);
        }

        private void Advance()
        {
            if (!_isAdvancing)
            {
                _targetNs = _random.Next(4) == 0 ? NextOrNow() : _rig.NowNs + RandomSpan(_random.Next(1, 36));
                _isAdvancing = true;
            }
            ContinueAdvance();
        }

        // The deadline itself, or the nanosecond before it.
        private ulong NextOrNow()
        {
            ulong nextNs = _model.NextExpiry();
            return nextNs == TimerWheel.NeverNs ? _rig.NowNs : nextNs - (nextNs > 0 ? (ulong)_random.Next(2) : 0);
        }

        // The model advances at the end: until then both have the due timers of before.
        private void ContinueAdvance()
        {
            if (_rig.Advance(_targetNs, _maxMoves))
            {
                _isAdvancing = false;
                _model.Advance(_targetNs);
                Assert.Equal(_model.NowNs, _rig.NowNs);
            }
        }

        private void Pop(int limit)
        {
            if (_isAdvancing)
            {
                return;
            }
            for (int i = 0; i < limit; i++)
            {
                int expected = _model.PopDue();
                Assert.Equal(expected, _rig.PopDue());
                if (expected < 0)
                {
                    return;
                }
                Assert.True(DeadlineOf(expected) <= _rig.NowNs, "early");
                _nrFired++;
            }
        }

        private void CompareState()
        {
            Assert.Equal(_model.Count, _rig.Count);
            if (_isAdvancing)
            {
                return;
            }
            ulong exactNs = _model.NextExpiry();
            ulong nextNs = _rig.NextExpiry();
            Assert.True(nextNs <= exactNs, $"next expiry {nextNs} is after {exactNs}");
            _ = nextNs == exactNs ? _nrExact++ : _nrBound++;
        }

        private unsafe ulong DeadlineOf(int id) => _rig[id]->DeadlineNs;

        private ulong RandomDeadline() => _random.Next(20) switch
        {
            0 => TimerWheel.MaxDeadlineNs + 1 + RandomSpan(62),
            1 => _rig.NowNs - Math.Min(_rig.NowNs, RandomSpan(30)), // Past.
            2 => _rig.NowNs,
            < 6 => ((_rig.NowNs >> 20) + (ulong)_random.Next(1, 16)) << 20, // Often equal.
            < 9 => ((_rig.NowNs >> 33) + 1) << 33, // Equal, and armed at different levels.
            < 11 => (((_rig.NowNs >> 44) + 1) << 44) + RandomSpan(30), // A crowd in one slot.
            _ => _rig.NowNs + RandomSpan(_random.Next(1, 50)),
        };

        private ulong RandomSpan(int bits) => (ulong)_random.NextInt64() & ((1UL << bits) - 1);
    }
}
