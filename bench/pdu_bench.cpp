// SPDX-License-Identifier: Apache-2.0
// Headers to and from the wire, frames, and the reader over a stream in memory.
#include "pdu/any_pdu.hpp"
#include "pdu/frame.hpp"
#include "pdu/pdu_reader.hpp"

#include <benchmark/benchmark.h>

#include <algorithm>
#include <cstring>
#include <vector>

namespace {

using namespace persiscsi::pdu;

void encode_scsi_command(benchmark::State& state) {
    scsi_command command{.final = true, .read = true, .expected_data_transfer_length = 4096};
    for (auto _ : state) {
        command.cmd_sn = command.cmd_sn.next();
        benchmark::DoNotOptimize(encode(command));
    }
}
BENCHMARK(encode_scsi_command);

void decode_data_in(benchmark::State& state) {
    auto bhs = encode(data_in{.final = true, .buffer_offset = 8192});
    for (auto _ : state) {
        benchmark::DoNotOptimize(bhs);
        benchmark::DoNotOptimize(decode<data_in>(bhs));
    }
}
BENCHMARK(decode_data_in);

void decode_any_reject(benchmark::State& state) {
    auto bhs = encode(reject{});
    for (auto _ : state) {
        benchmark::DoNotOptimize(bhs);
        benchmark::DoNotOptimize(decode_any(bhs));
    }
}
BENCHMARK(decode_any_reject);

digests digests_of(std::int64_t both) {
    return {.header = both != 0, .data = both != 0};
}

void frame_of_data_out(benchmark::State& state) {
    const std::vector<std::byte> data(static_cast<std::size_t>(state.range(0)), std::byte{0x5a});
    const auto bhs = encode(data_out{.final = true});
    for (auto _ : state) {
        const frame sent(bhs, {}, data, digests_of(state.range(1)));
        benchmark::DoNotOptimize(sent.head().data());
    }
    state.SetBytesProcessed(state.iterations() * state.range(0));
}
BENCHMARK(frame_of_data_out)->ArgNames({"data", "digests"})->ArgsProduct({{0, 4096, 65536, 262144}, {0, 1}});

std::vector<std::byte> stream_of_data_in(std::size_t size, digests used) {
    const std::vector<std::byte> data(size, std::byte{0x5a});
    const auto bhs = encode(data_in{.final = true});
    std::vector<std::byte> stream;
    while (stream.size() < 1024 * 1024) {
        const frame sent(bhs, {}, data, used);
        for (const auto part : {sent.head(), sent.data(), sent.tail()})
            stream.insert(stream.end(), part.begin(), part.end());
    }
    return stream;
}

/// As the driver does: a read of at most 256 KiB into both places, then next() until more is needed.
void read_stream(benchmark::State& state) {
    const auto used = digests_of(state.range(1));
    const auto size = static_cast<std::size_t>(state.range(0));
    const auto stream = stream_of_data_in(size, used);
    std::vector<std::byte> memory(size);
    std::int64_t pdus = 0;
    for (auto _ : state) {
        pdu_reader reader(0xffffff, used);
        for (std::span<const std::byte> rest = stream; !rest.empty();) {
            std::size_t count = 0;
            for (const auto place : reader.space()) {
                const auto part = std::min({place.size(), rest.size(), std::size_t{256 * 1024}});
                if (part > 0) std::memcpy(place.data(), rest.data(), part);
                rest = rest.subspan(part);
                count += part;
            }
            reader.filled(count);
            for (auto now = reader.next(); now != pdu_reader::step::need_bytes; now = reader.next()) {
                if (now == pdu_reader::step::failed) return state.SkipWithError(reader.error_detail().c_str());
                if (now == pdu_reader::step::header) {
                    reader.place_data(memory);
                } else {
                    ++pdus;
                }
            }
        }
    }
    state.SetItemsProcessed(pdus);
    state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(stream.size()));
}
BENCHMARK(read_stream)->ArgNames({"data", "digests"})->ArgsProduct({{0, 512, 4096, 65536, 262144}, {0, 1}});

}  // namespace
