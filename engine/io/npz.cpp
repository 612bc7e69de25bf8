#include "engine/io/npz.h"

#include "engine/core/error.h"
#include "engine/io/compressed.h"
#include "engine/io/grown_bytes.h"
#include "engine/io/mapped_file.h"
#include "engine/model/heads.h"

#include <zip.h>

#include <algorithm>
#include <memory>
#include <span>
#include <utility>

namespace hsa {
namespace {

struct CloseArchive {
    void operator()(zip_t* archive) const { zip_discard(archive); }
};
struct CloseMember {
    void operator()(zip_file_t* member) const { zip_fclose(member); }
};
using Archive = std::unique_ptr<zip_t, CloseArchive>;
using Member = std::unique_ptr<zip_file_t, CloseMember>;

std::string message_of(zip_error_t& error) {
    std::string text = zip_error_strerror(&error);
    zip_error_fini(&error);
    return text;
}

Archive open_archive(const std::string& name, std::string_view bytes) {
    zip_error_t error;
    zip_error_init(&error);
    zip_source_t* source = zip_source_buffer_create(bytes.data(), bytes.size(), 0, &error);
    if (source == nullptr) fail("{}: cannot be read as .npz ({})", name, message_of(error));
    Archive archive(zip_open_from_source(source, ZIP_RDONLY, &error));
    if (!archive) {
        zip_source_free(source);
        fail("{}: not a whole .npz archive ({}); copy it again or save it with numpy.savez", name,
             message_of(error));
    }
    return archive;
}

[[noreturn]] void fail_limit(const std::string& name) {
    fail(
        "{}: the archive unpacks to more than 1,000 times its own size (256 MB are always allowed, "
        "16 GB never exceeded); save it without compression if it is no mistake",
        name);
}

// Takes what was unpacked from `left`.
std::string read_member(const std::string& name, zip_t* archive, zip_uint64_t index,
                        std::uint64_t archive_bytes, std::uint64_t& left) {
    constexpr std::uint64_t kLeast = std::uint64_t{1} << 18U;
    constexpr std::uint64_t kUsualRatio = 4;
    zip_stat_t claimed;
    zip_stat_init(&claimed);
    const bool claims = zip_stat_index(archive, index, 0, &claimed) == 0 &&
                        (claimed.valid & ZIP_STAT_SIZE) != 0 &&
                        (claimed.valid & ZIP_STAT_COMP_SIZE) != 0;
    if (claims && claimed.size > left) fail_limit(name);
    const Member member(zip_fopen_index(archive, index, 0));
    if (!member) {
        fail("{}: cannot be unpacked ({}); save the archive again with numpy.savez", name,
             zip_strerror(archive));
    }
    // A claim of the archive counts as far as its bytes make it likely; one more shows the end.
    const std::uint64_t likely =
        std::max(kLeast, kUsualRatio * std::min(archive_bytes, claimed.comp_size));
    GrownBytes content(claims ? std::min<std::uint64_t>(claimed.size, likely) + 1 : kLeast, left);
    for (;;) {
        const std::span<char> room = content.room();
        const zip_int64_t count = zip_fread(member.get(), room.data(), room.size());
        if (count < 0) {
            fail("{}: damaged ({}); copy the archive again", name, zip_file_strerror(member.get()));
        }
        content.add(static_cast<std::size_t>(count));
        if (content.used() > left) fail_limit(name);
        if (count == 0) {
            left -= content.used();
            return content.take();
        }
    }
}

// The first bytes of a member, enough for any header; empty where it cannot be unpacked.
std::string read_beginning(zip_t* archive, zip_uint64_t index) {
    constexpr std::size_t kMost = std::size_t{1} << 16U;
    const Member member(zip_fopen_index(archive, index, 0));
    if (!member) return {};
    std::string bytes(kMost, '\0');
    const zip_int64_t count = zip_fread(member.get(), bytes.data(), kMost);
    bytes.resize(count < 0 ? 0 : static_cast<std::size_t>(count));
    return bytes;
}

struct Entry {
    std::string name;  // without ".npy"
    zip_uint64_t index = 0;
};

constexpr std::string_view kAttention = "attention";

// The shape of a member that is rows over the tokens of the same sequence; empty for any other.
std::vector<std::uint64_t> attention_shape(zip_t* archive, const Entry& entry) {
    try {
        NpyHeader header = read_npy_header({}, read_beginning(archive, entry.index));
        const std::size_t axes = header.shape.size();
        const bool suits = header.kind != NpyKind::text && axes >= 2 && axes <= 4 &&
                           header.shape[axes - 1] > 0 &&
                           header.shape[axes - 1] == header.shape[axes - 2];
        return suits ? std::move(header.shape) : std::vector<std::uint64_t>();
    } catch (const Error&) {
        return {};
    }
}

// The arrays by name; everything else goes to `ignored`.
std::vector<Entry> list_arrays(zip_t* archive, std::vector<std::string>& ignored) {
    std::vector<Entry> entries;
    const zip_int64_t count = zip_get_num_entries(archive, 0);
    for (zip_int64_t i = 0; i < count; ++i) {
        const auto index = static_cast<zip_uint64_t>(i);
        const char* raw = zip_get_name(archive, index, 0);
        std::string member = raw == nullptr ? std::string() : std::string(raw);
        constexpr std::string_view kEnding = ".npy";
        if (member.size() > kEnding.size() && member.ends_with(kEnding)) {
            member.resize(member.size() - kEnding.size());
            entries.push_back({std::move(member), index});
        } else {
            ignored.push_back(std::move(member));
        }
    }
    return entries;
}

void check_rows(const std::string& name, std::string_view member, std::size_t rows,
                std::string_view other, std::size_t expected) {
    if (rows == expected) return;
    fail(
        "{}: '{}' has {} rows but '{}' has {}; they must agree: save the arrays of one sequence "
        "together",
        name, member, rows, other, expected);
}

// As many layers and heads as `other` has.
void check_heads(const std::string& name, std::string_view member, const NpyStack& stack,
                 std::string_view other, const NpyStack& expected) {
    if (stack.layers == expected.layers && stack.heads.size() == expected.heads.size()) return;
    const auto count = [](const NpyStack& some) {
        return heads_text(some.layers, some.heads.size() / some.layers);
    };
    fail(
        "{}: '{}' holds {} but '{}' {}; they must agree: keys and values that several heads share "
        "are repeated for each of them (numpy.repeat)",
        name, member, count(stack), other, count(expected));
}

void check_agreement(const std::string& name, const NpzArrays& arrays) {
    std::string_view first_name;
    std::size_t rows = 0;
    const auto visit = [&](std::string_view member, std::size_t own) {
        if (!first_name.empty()) {
            check_rows(name, member, own, first_name, rows);
        } else {
            rows = own;
            first_name = member;
        }
    };
    if (arrays.embeddings) visit(arrays.embeddings_member, arrays.embeddings->values.rows());
    if (arrays.queries) visit("queries", arrays.queries->rows());
    if (arrays.keys) visit("keys", arrays.keys->rows());
    if (arrays.values) visit("values", arrays.values->rows());
    if (!arrays.attention.empty() && !first_name.empty())
        visit(kAttention, static_cast<std::size_t>(arrays.attention.back()));
    if (arrays.queries && arrays.keys) {
        check_heads(name, "keys", *arrays.keys, "queries", *arrays.queries);
        if (arrays.queries->cols() != arrays.keys->cols())
            fail(
                "{}: 'queries' has {} columns but 'keys' has {}; they must agree: save both of "
                "one head",
                name, arrays.queries->cols(), arrays.keys->cols());
    }
    if (arrays.values && arrays.keys)
        check_heads(name, "values", *arrays.values, "keys", *arrays.keys);
    if (first_name.empty()) return;
    if (!arrays.tokens.empty()) visit("tokens", arrays.tokens.size());
    if (arrays.mask_rows > 0) visit("mask", arrays.mask_rows);
    if (!arrays.offsets.empty()) visit("offsets", arrays.offsets.rows());
}

void check_offsets(const std::string& name, const Matrix<std::int64_t>& offsets) {
    if (offsets.cols() != 2) {
        fail("{}: {} columns; expected 2, the byte where a token begins and ends", name,
             offsets.cols());
    }
    for (std::size_t row = 0; row < offsets.rows(); ++row) {
        if (offsets(row, 0) >= 0 && offsets(row, 0) <= offsets(row, 1)) continue;
        fail("{}: row {} (from 0) is {} .. {}; expected 0 <= begin <= end", name, row,
             offsets(row, 0), offsets(row, 1));
    }
}

// 0 where a token is padding, 1 where it is attended to.
void take_mask(const std::string& name, const std::vector<float>& mask, NpzArrays& arrays) {
    arrays.mask_rows = mask.size();
    for (std::size_t row = 0; row < mask.size(); ++row) {
        if (mask[row] == 0.0F) arrays.masked.push_back(static_cast<std::uint32_t>(row));
        else if (mask[row] != 1.0F)
            fail("{}: number {} (from 0) is {}; expected 0 for padding and 1 for all other tokens",
                 name, row, mask[row]);
    }
    if (arrays.masked.size() == mask.size())
        fail(
            "{}: all {} numbers are 0, so that no token could be attended to; expected 1 for all "
            "but the padding",
            name, mask.size());
}

}  // namespace

NpzArrays read_npz(const std::string& name, std::string_view bytes) {
    return read_npz(name, bytes, unpacked_limit(bytes.size()));
}

NpzArrays read_npz(const std::string& name, std::string_view bytes, std::uint64_t limit) {
    NpzArrays arrays;
    std::uint64_t left = limit;
    const Archive archive = open_archive(name, bytes);
    std::vector<Entry> entries = list_arrays(archive.get(), arrays.ignored);
    if (entries.empty()) {
        fail(
            "{}: no array is in this archive; expected one saved with numpy.savez(path, "
            "embeddings=a)",
            name);
    }
    std::vector<Entry> matrices;
    std::optional<Error> unreadable;  // of an array that may not have been meant at all
    std::vector<std::string> names;
    for (const Entry& entry : entries) {
        const std::string place = name + ": " + entry.name;
        if (std::find(names.begin(), names.end(), entry.name) != names.end()) {
            fail("{}: two arrays of this name are in the archive; save it again", place);
        }
        names.push_back(entry.name);
        if (entry.name == kAttention) {
            arrays.attention = attention_shape(archive.get(), entry);
            if (!arrays.attention.empty()) continue;
        }
        const std::string member =
            read_member(place, archive.get(), entry.index, bytes.size(), left);
        if (entry.name == "queries") arrays.queries = read_npy_stack(place, member);
        else if (entry.name == "keys") arrays.keys = read_npy_stack(place, member);
        else if (entry.name == "values") arrays.values = read_npy_stack(place, member);
        else if (entry.name == "tokens") arrays.tokens = read_npy_strings(place, member);
        else if (entry.name == "mask") take_mask(place, read_npy_vector(place, member), arrays);
        else if (entry.name == "offsets") {
            arrays.offsets = read_npy_integers(place, member);
            check_offsets(place, arrays.offsets);
        } else if (entry.name == "embeddings") {
            arrays.embeddings = read_npy(place, member);
            arrays.embeddings_member = entry.name;
        } else {
            try {
                const bool matrix = read_npy_header(place, member).shape.size() == 2;
                if (matrix) matrices.push_back(entry);
                else arrays.ignored.push_back(entry.name);
            } catch (const Error& error) {
                if (!unreadable) unreadable = error;
                arrays.ignored.push_back(entry.name);
            }
        }
    }
    if (!arrays.embeddings && matrices.size() == 1) {
        arrays.embeddings_member = matrices[0].name;
        const std::string place = name + ": " + matrices[0].name;
        arrays.embeddings = read_npy(
            place, read_member(place, archive.get(), matrices[0].index, bytes.size(), left));
    } else {
        for (const Entry& entry : matrices) arrays.ignored.push_back(entry.name);
    }
    if (!arrays.embeddings && !arrays.queries && !arrays.keys) {
        if (unreadable && matrices.empty()) throw Error(*unreadable);
        if (!arrays.attention.empty() && matrices.empty())
            fail(
                "{}: it holds attention and no vectors: open the text or the vectors that it is of "
                "first, then this file: it is what they are to explain",
                name);
        fail(
            "{}: no array named 'embeddings' and {}; expected one matrix: save it with "
            "numpy.savez(path, embeddings=a)",
            name,
            matrices.empty() ? std::string("no matrix")
                             : fmt::format("{} matrices", matrices.size()));
    }
    check_agreement(name, arrays);
    return arrays;
}

NpzOutline outline_npz(const std::string& path) {
    NpzOutline outline;
    const std::shared_ptr<const MappedFile> file = MappedFile::open(path);
    if (!file || !file->bytes().starts_with("PK")) return outline;
    try {
        const Archive archive = open_archive(path, file->bytes());
        std::vector<std::string> ignored;
        for (const Entry& entry : list_arrays(archive.get(), ignored)) {
            if (entry.name == kAttention && !attention_shape(archive.get(), entry).empty())
                outline.attention = true;
            else if (entry.name != "tokens" && entry.name != "mask" && entry.name != "offsets")
                outline.vectors = true;
            outline.heads = outline.heads || entry.name == "keys";
        }
    } catch (const Error&) {
        return {};
    }
    return outline;
}

Matrix<float> read_npz_attention(const std::string& name, std::string_view bytes, std::size_t layer,
                                 std::size_t head, std::size_t rows) {
    const Archive archive = open_archive(name, bytes);
    std::vector<std::string> ignored;
    for (const Entry& entry : list_arrays(archive.get(), ignored)) {
        if (entry.name != kAttention) continue;
        std::uint64_t left = unpacked_limit(bytes.size());
        const std::string place = fmt::format("{}: {}", name, kAttention);
        return read_npy_head(place,
                             read_member(place, archive.get(), entry.index, bytes.size(), left),
                             layer, head, rows);
    }
    fail("{}: no array 'attention' is in it; save one with numpy.savez(path, attention=a)", name);
}

}  // namespace hsa
