// SPDX-License-Identifier: Apache-2.0
// read, write.
#include "cli/byte_stream.hpp"
#include "cli/command_error.hpp"
#include "cli/console.hpp"
#include "cli/invocation.hpp"
#include "cli/unit_access.hpp"
#include "cli/unit_range.hpp"
#include "cli/verbs.hpp"

#include <boost/json/object.hpp>

#include <algorithm>
#include <deque>
#include <unistd.h>

namespace persiscsi::cli {
namespace {

using request_queue = std::deque<std::shared_ptr<block_request>>;

constexpr std::uint64_t highest_lba = ~std::uint64_t{0};

std::uint64_t blocks_per_request(const unit_access& unit, const geometry& size) {
    return std::max<std::uint64_t>(1, unit.data_pace().request_size / size.block_size);
}

/// Waits for the oldest request, takes it from the queue and returns it. Throws when it failed.
std::shared_ptr<block_request> take_oldest(request_queue& queue,
                                           unit_access& unit,
                                           const geometry& size,
                                           const char* verb) {
    auto oldest = queue.front();
    queue.pop_front();
    unit.wait_for(*oldest);
    if (!oldest->error) return oldest;
    const auto last = oldest->lba + oldest->data.size() / size.block_size - 1;
    throw command_error(exit_code_of(oldest->error),
                        unit.name(),
                        std::string(verb) + " of blocks " + std::to_string(oldest->lba) + " to " +
                            std::to_string(last) + ": " +
                            (oldest->story.empty() ? oldest->error.message() : oldest->story));
}

std::shared_ptr<block_request> request_at(std::uint64_t lba, std::uint64_t blocks, const geometry& size) {
    auto request = std::make_shared<block_request>();
    request->lba = lba;
    request->data.resize(blocks * size.block_size);
    return request;
}

void copy_out(unit_access& unit, const geometry& size, std::uint64_t lba, std::uint64_t blocks, byte_sink& sink) {
    const auto per_request = blocks_per_request(unit, size);
    request_queue queue;
    while (blocks != 0 || !queue.empty()) {
        if (blocks != 0 && queue.size() < unit.data_pace().depth) {
            const auto count = std::min(blocks, per_request);
            queue.push_back(request_at(lba, count, size));
            unit.start_read(queue.back(), size.block_size);
            lba += count;
            blocks -= count;
            continue;
        }
        sink.write(take_oldest(queue, unit, size, "read")->data, unit);
    }
}

std::string short_block(std::uint64_t have, const geometry& size) {
    return "the input ends within a block: " + std::to_string(have) + " bytes of " + std::to_string(size.block_size) +
           " (--pad fills it with zeroes)";
}

/// What is known of the input is checked before anything is written. Returns nothing; throws command_error.
void check_input(
    const unit_access& unit, const geometry& size, std::uint64_t lba, const byte_source& source, bool pad) {
    const auto bytes = source.size();
    if (!bytes) return check_range(unit, size, lba, 1);
    if (*bytes % size.block_size != 0 && !pad)
        throw command_error(exit_code::io_error, unit.name(), short_block(*bytes % size.block_size, size));
    const auto blocks = *bytes / size.block_size + (*bytes % size.block_size != 0 ? 1U : 0U);
    check_range(unit, size, lba, std::max<std::uint64_t>(blocks, 1));
}

/// One copy of an input to a logical unit.
class copy_in {
  public:
    copy_in(unit_access& unit, const geometry& size, byte_source& source, const invocation& line)
        : unit_(&unit), size_(size), source_(&source), pad_(line.given("--pad")), fua_(line.given("--fua")) {}

    /// Returns the number of blocks, all acknowledged.
    std::uint64_t run(std::uint64_t lba) {
        first_ = next_ = lba;
        for (bool more = true; more || !queue_.empty();) {
            if (more && queue_.size() < unit_->data_pace().depth)
                more = start_next();
            else
                acknowledged_ += take_oldest(queue_, *unit_, size_, "write")->data.size() / size_.block_size;
        }
        return acknowledged_;
    }

    [[nodiscard]] std::uint64_t acknowledged() const { return acknowledged_; }

  private:
    /// False where the input has ended.
    bool start_next() {
        auto request = request_at(next_, blocks_per_request(*unit_, size_), size_);
        const auto filled = source_->fill(request->data, *unit_);
        const bool more = filled == request->data.size();
        const auto rest = filled % size_.block_size;
        if (rest != 0 && !pad_) throw command_error(exit_code::io_error, unit_->name(), short_block(rest, size_));
        request->data.resize(filled + (rest != 0 ? size_.block_size - rest : 0));
        if (request->data.empty()) return false;
        const auto blocks = request->data.size() / size_.block_size;
        check_range(*unit_, size_, next_, blocks);
        next_ += blocks;
        queue_.push_back(request);
        unit_->start_write(request, size_.block_size, fua_);
        return more;
    }

    unit_access* unit_;
    geometry size_;
    byte_source* source_;
    bool pad_;
    bool fua_;
    request_queue queue_;
    std::uint64_t first_ = 0;
    std::uint64_t next_ = 0;
    std::uint64_t acknowledged_ = 0;
};

std::uint64_t write_all(unit_access& unit, const geometry& size, byte_source& source, const invocation& line) {
    copy_in copy(unit, size, source, line);
    try {
        const auto blocks = copy.run(*line.number("--lba", 0, highest_lba));
        if (!line.given("--no-flush")) unit.flush();
        return blocks;
    } catch (const command_error& error) {
        throw command_error(
            error.code(),
            error.object(),
            std::string(error.what()) + "; " + std::to_string(copy.acknowledged()) + " blocks were written before");
    }
}

void refuse_mixed_output(const invocation& line, const std::string& path) {
    if (path != "-") return;
    if (line.given("--json"))
        throw usage_error("--json and the data cannot both go to standard output: give --output FILE");
    if (::isatty(STDOUT_FILENO) != 0) throw usage_error("standard output is a terminal: give --output FILE");
}

}  // namespace

exit_code read_blocks(invocation& line, console& out) {
    const auto path = line.text_or("--output", "-");
    refuse_mixed_output(line, path);
    const auto lba = line.number("--lba", 0, highest_lba).value_or(0);
    const auto wanted = line.number("--blocks", 1, highest_lba);
    const auto unit = open_unit(line, out);
    const auto size = geometry_of(*unit);
    check_range(*unit, size, lba, wanted.value_or(1));
    const auto blocks = wanted.value_or(size.blocks - lba);
    byte_sink sink(path);
    try {
        copy_out(*unit, size, lba, blocks, sink);
        sink.close();
    } catch (const command_error& error) {
        const std::string reason = error.what();
        throw command_error(error.code(), error.object(), reason.empty() ? reason : reason + sink.abandon());
    }
    unit->close();
    if (path != "-")
        out.report(
            boost::json::object{{"lba", lba}, {"blocks", blocks}, {"bytes", blocks * size.block_size}},
            "read " + std::to_string(blocks) + " blocks (" + std::to_string(blocks * size.block_size) + " bytes)\n");
    return exit_code::ok;
}

exit_code write_blocks(invocation& line, console& out) {
    require_lun(line);
    const auto path = line.text_or("--input", "-");
    if (path == "-") line.claim_standard_input("the data to write");
    const auto lba = *line.number("--lba", 0, highest_lba);
    byte_source source(path);
    const auto unit = open_unit(line, out);
    const auto size = geometry_of(*unit);
    check_input(*unit, size, lba, source, line.given("--pad"));
    const bool dry = line.given("--dry-run");
    const auto blocks = dry ? 0 : write_all(*unit, size, source, line);
    unit->close();
    const auto text = std::to_string(blocks) + " blocks (" + std::to_string(blocks * size.block_size) +
                      " bytes) from block " + std::to_string(lba) + " on\n";
    out.report(
        boost::json::object{{"lba", lba}, {"blocks", blocks}, {"bytes", blocks * size.block_size}, {"dry_run", dry}},
        dry ? "nothing is wrong; nothing was written\n" : "wrote " + text);
    return exit_code::ok;
}

}  // namespace persiscsi::cli
