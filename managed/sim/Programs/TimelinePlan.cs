// SPDX-License-Identifier: GPL-2.0-only
// What a program says about when its items start, sleep, wake up and finish.

using System;
using System.Collections.Generic;

namespace Wq.Sim;

internal enum Happening
{
    Starts,
    Sleeps,
    Wakes,
    Finishes,
}

/// <summary>From when until when it is to be, in milliseconds after the threads began.</summary>
internal readonly record struct Moment(int At, int FromMs, int ToMs);

/// <summary>The one before the other, in every run; or in a prompt run, by no more than that. Never if that is not said.</summary>
internal readonly record struct Order(int First, int Second, int WithinMs);

internal sealed class TimelinePlan
{
    public const int Never = -1;
    public const int NrKinds = 4;

    public readonly List<Moment> Moments = [];
    public readonly List<Order> Orders = [];

    /// <summary>The number of what happens to an item.</summary>
    public static int IndexOf(int item, Happening what) => (item * NrKinds) + (int)what;

    public static string Spell(int index) =>
        $"item {Program.NameOfItem(index / NrKinds)} {((Happening)(index % NrKinds)).ToString().ToLowerInvariant()}";

    // "at 5 x sleeps", "at 5 to 8 y starts"
    public void AddMoment(string[] words)
    {
        int from = Program.Number(words[1]);
        Moments.Add(new Moment(IndexAt(words, words.Length - 2), from, words[2] == "to" ? Program.Number(words[3]) : from));
    }

    // "then x sleeps, y starts", "then x sleeps, y starts within 3"
    public void AddOrder(string[] words)
    {
        bool isSoon = Array.IndexOf(words, "within") >= 0;
        Orders.Add(new Order(IndexAt(words, 1), IndexAt(words, 3), isSoon ? Program.NumberAfter("within", words) : Never));
    }

    private static int IndexAt(string[] words, int at) =>
        IndexOf(Program.ItemOf(words[at]), Enum.Parse<Happening>(words[at + 1].TrimEnd(','), ignoreCase: true));
}
