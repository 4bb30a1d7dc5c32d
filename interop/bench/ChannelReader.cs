// SPDX-License-Identifier: GPL-2.0-only
using System.Threading.Channels;
using System.Threading.Tasks;

namespace Workqueues.Bench;

/// <summary>The worker at the end of a channel.</summary>
internal static class ChannelReader
{
    public static async Task ReadAsync(ChannelReader<QueueBenchmarks.PoolItem> reader)
    {
        await foreach (QueueBenchmarks.PoolItem item in reader.ReadAllAsync())
            item.Execute();
    }
}
