// SPDX-License-Identifier: Apache-2.0
// CRC32C of buffers that stay in the cache, by size and variant.
#include "pdu/crc32c.hpp"
#include "pdu/crc32c_variants.hpp"

#include <benchmark/benchmark.h>

#include <cstdint>
#include <string>
#include <vector>

namespace {

using namespace persiscsi::pdu;

/// From the heads of small PDUs over blocks to long data segments, in bytes.
constexpr std::int64_t sizes[] = {28, 48, 64, 512, 4096, 8192, 65536, 262144, 1048576};

void count_bytes(benchmark::State& state) {
    state.SetBytesProcessed(state.iterations() * state.range(0));
}

void chosen(benchmark::State& state) {
    const std::vector<std::byte> data(static_cast<std::size_t>(state.range(0)), std::byte{0x5a});
    for (auto _ : state) benchmark::DoNotOptimize(crc32c(data));
    count_bytes(state);
}

void one_variant(benchmark::State& state, const crc32c_variant& variant) {
    const std::vector<std::byte> data(static_cast<std::size_t>(state.range(0)), std::byte{0x5a});
    for (auto _ : state) benchmark::DoNotOptimize(variant.extend(0xffffffffU, data.data(), data.size()));
    count_bytes(state);
}

const bool registered = [] {
    auto* as_used = benchmark::RegisterBenchmark("crc32c/chosen", chosen);
    for (const auto size : sizes) as_used->Arg(size);
    for (const auto& variant : crc32c_variants()) {
        if (!variant.supported()) continue;
        const auto name = "crc32c/" + std::string(variant.name);
        auto* each = benchmark::RegisterBenchmark(name.c_str(), one_variant, variant);
        for (const auto size : sizes) each->Arg(size);
    }
    return true;
}();

}  // namespace
