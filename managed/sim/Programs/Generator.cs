// SPDX-License-Identifier: GPL-2.0-only
// Random programs: up to three callers, three items, two queues, any mix of calls
// that is not misuse, so that whatever goes wrong is the engine's doing.
//
// What is left out would end in a deadlock by contract or be refused: a function
// that waits for another item, a second freezer, a queue used after its end.

using System.Text;

namespace Wq.Sim;

internal sealed class GeneratedScenario() : Scenario("program", "random programs, a new one every 64 seeds", "")
{
    private const int SeedsPerProgram = 64;
    private const int NrKept = 64;

    private readonly Script?[] _scripts = new Script?[NrKept];
    private readonly ulong[] _which = new ulong[NrKept];

    public override bool IsSearchable => false;

    public override string TextFor(ulong seed) => Generator.Generate(seed / SeedsPerProgram);

    public override Script ScriptFor(ulong seed)
    {
        ulong which = seed / SeedsPerProgram;
        int at = (int)(which % NrKept);
        if (_scripts[at] == null || _which[at] != which)
        {
            _scripts[at] = new Interpreter(Program.Parse(Generator.Generate(which)));
            _which[at] = which;
        }
        return _scripts[at]!;
    }
}

internal static class Generator
{
    private const int MaxCallers = 3;
    private const int MaxCalls = 4;
    private static readonly string[] s_kinds = ["percpu", "single", "freezeable"];

    public static string Generate(ulong number)
    {
        var dice = new Dice(number ^ 0x9e0e4a7e);
        var text = new StringBuilder();
        int nrQueues = 1 + (int)dice.Below(2);
        int nrItems = 1 + (int)dice.Below(3);
        int nrCpus = 2 + (dice.OneIn(4) ? 1 : 0);
        text.Append("cpus ").Append(nrCpus).Append('\n');
        for (int queue = 0; queue < nrQueues; queue++)
        {
            text.Append("wq ").Append((char)('A' + queue)).Append(' ').Append(s_kinds[dice.Below(3)]).Append('\n');
        }
        text.Append(nrQueues == 1 && dice.OneIn(2) ? "teardown\nrefusals\n" : "").Append(dice.OneIn(4) ? "faults\n" : "");
        bool freezes = dice.OneIn(4);
        bool hotplugs = dice.OneIn(4);
        int nrCallers = 1 + (int)dice.Below(MaxCallers);
        for (int caller = 0; caller < nrCallers; caller++)
        {
            text.Append(dice.Below((uint)nrCpus)).Append(": ");
            text.Append(freezes && caller == 0 ? "freeze, rest, thaw" : hotplugs && caller == nrCallers - 1 ? "down 1, up 1" : Calls(ref dice, nrQueues, nrItems, nrCpus)).Append('\n');
        }
        for (int item = 0; item < nrItems; item++)
        {
            if (dice.OneIn(2))
            {
                text.Append(Program.NameOfItem(item)).Append("*2: ").Append(FunctionCall(ref dice, item, nrQueues, nrItems)).Append('\n');
            }
        }
        return text.ToString();
    }

    private static string Calls(ref Dice dice, int nrQueues, int nrItems, int nrCpus)
    {
        var text = new StringBuilder();
        int nr = 1 + (int)dice.Below(MaxCalls);
        for (int i = 0; i < nr; i++)
        {
            text.Append(i > 0 ? ", " : "").Append(Call(ref dice, nrQueues, nrItems, nrCpus));
        }
        return text.ToString();
    }

    private static string Call(ref Dice dice, int nrQueues, int nrItems, int nrCpus)
    {
        char queue = (char)('A' + dice.Below((uint)nrQueues));
        char item = Program.NameOfItem((int)dice.Below((uint)nrItems));
        return dice.Below(17) switch
        {
            0 or 1 or 2 or 3 => $"queue {queue} {item}",
            4 or 5 => $"cancel {item}",
            6 => $"flush {queue}",
            7 => $"delay {queue} {item} 1",
            8 => $"delay {queue} {item} {1 + dice.Below(2)} on {dice.Below((uint)nrCpus)}",
            9 => $"canceldelayed {item}",
            10 => $"canceltimer {item}",
            11 => $"move {dice.Below((uint)nrCpus)}",
            12 => "sleep 1",
            13 => $"recall {item}",
            14 => $"mod {queue} {item} {dice.Below(2)}",
            15 => $"mod {queue} {item} {dice.Below(2)} on {dice.Below((uint)nrCpus)}",
            _ => $"queue {queue} {item}, flush {queue}",
        };
    }

    private static string FunctionCall(ref Dice dice, int self, int nrQueues, int nrItems)
    {
        char queue = (char)('A' + dice.Below((uint)nrQueues));
        char item = Program.NameOfItem((int)dice.Below((uint)nrItems));
        return dice.Below(7) switch
        {
            0 or 1 => $"queue {queue} {item}",
            2 => $"delay {queue} {item} 1",
            3 => $"queue {queue} {Program.NameOfItem(self)}, cancel {Program.NameOfItem(self)}",
            4 => $"recall {item}",
            5 => $"mod {queue} {item} {dice.Below(2)}",
            _ => $"canceltimer {item}",
        };
    }
}
