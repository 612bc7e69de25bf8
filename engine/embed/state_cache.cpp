#include "engine/embed/state_cache.h"

#include "engine/core/hash.h"
#include "engine/core/hash_stream.h"
#include "engine/io/file.h"
#include "engine/io/mapped_file.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <filesystem>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

namespace hsa {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kEnding = ".states";
constexpr std::array<char, 8> kMagic = {'s', 'p', 'l', 'a', 't', 's', 't', '1'};

// Before the values, 64 bytes.
struct Header {
    std::array<char, 8> magic = kMagic;
    std::uint64_t key = 0;
    std::uint64_t rows = 0;
    std::uint64_t columns = 0;
    std::uint64_t hash = 0;  // of the values
    std::array<std::uint64_t, 3> unused{};
};
static_assert(sizeof(Header) == 64);

std::string_view bytes_of(MatrixView<const float> values) {
    return {reinterpret_cast<const char*>(values.data), values.rows * values.cols * sizeof(float)};
}

}  // namespace

std::string StateCache::path_of(std::uint64_t key) const {
    return fmt::format("{}/{:016x}{}", folder_, key, kEnding);
}

std::shared_ptr<const Embeddings> StateCache::find(std::uint64_t key, std::size_t rows,
                                                   std::size_t columns) const {
    const std::string path = path_of(key);
    const std::shared_ptr<const MappedFile> file = MappedFile::open(path);
    if (!file) return nullptr;
    const std::string_view bytes = file->bytes();
    const std::size_t wanted = sizeof(Header) + rows * columns * sizeof(float);
    if (bytes.size() != wanted) return nullptr;
    Header header;
    std::memcpy(&header, bytes.data(), sizeof(Header));
    if (header.magic != kMagic || header.key != key || header.rows != rows ||
        header.columns != columns || header.hash != hash_text(bytes.substr(sizeof(Header))))
        return nullptr;
    std::error_code ignored;  // the time says when it was last of use
    fs::last_write_time(path, fs::file_time_type::clock::now(), ignored);
    Embeddings found;
    found.rows = {reinterpret_cast<const float*>(bytes.data() + sizeof(Header)), rows, columns};
    found.owner = file;
    return std::make_shared<const Embeddings>(std::move(found));
}

void StateCache::make_room(std::uint64_t bytes) const {
    struct Entry {
        fs::file_time_type time;
        std::uint64_t size = 0;
        fs::path path;
    };
    std::vector<Entry> entries;
    std::uint64_t total = bytes;
    for (const fs::directory_entry& entry : fs::directory_iterator(folder_)) {
        if (entry.path().extension() != kEnding) continue;
        entries.push_back({entry.last_write_time(), entry.file_size(), entry.path()});
        total += entries.back().size;
    }
    std::sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) {
        return std::pair(a.time, a.path) < std::pair(b.time, b.path);
    });
    for (const Entry& entry : entries) {
        if (total <= most_) return;
        fs::remove(entry.path);
        total -= entry.size;
    }
}

void StateCache::put(std::uint64_t key, MatrixView<const float> values) const noexcept {
    try {
        const std::string_view bytes = bytes_of(values);
        if (bytes.size() > most_) return;
        fs::create_directories(folder_);
        make_room(bytes.size());
        Header header;
        header.key = key;
        header.rows = values.rows;
        header.columns = values.cols;
        header.hash = hash_text(bytes);
        std::string file(reinterpret_cast<const char*>(&header), sizeof(Header));
        file += bytes;
        write_file(path_of(key), file, Existing::replace);
    } catch (const std::exception&) {
        // Without room, or in a place that cannot be written, the states are computed again.
        return;
    }
}

}  // namespace hsa
