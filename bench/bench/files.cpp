// How fast files are read, all of them in memory before (in the page cache).
#include "bench/bench/cases.h"
#include "bench/bench/table.h"
#include "bench/bench/timing.h"
#include "engine/core/error.h"
#include "engine/core/random.h"
#include "engine/io/npy.h"
#include "engine/load.h"

#include <fmt/format.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace hsa_bench {
namespace {

constexpr std::size_t kColumns = 128;
constexpr std::size_t kRounds = 3;
constexpr double kMegabyte = 1e6;

// A folder that goes away again.
class Scratch {
  public:
    Scratch() {
        std::string name = (std::filesystem::temp_directory_path() / "bench-XXXXXX").string();
        if (::mkdtemp(name.data()) == nullptr) hsa::fail("There is no room for files.");
        path_ = name;
    }
    ~Scratch() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    Scratch(const Scratch&) = delete;
    Scratch& operator=(const Scratch&) = delete;
    [[nodiscard]] std::string at(const std::string& name) const { return (path_ / name).string(); }

  private:
    std::filesystem::path path_;
};

float number(std::size_t row, std::size_t column) {
    return static_cast<float>(hsa::Random{row, column}.normal());
}

// Lines of a word and numbers until there are `bytes`.
std::string lines(std::size_t bytes, const char* before, const char* between, const char* after) {
    std::string text;
    text.reserve(bytes + 4096);
    for (std::size_t row = 0; text.size() < bytes; ++row) {
        text += fmt::format(fmt::runtime(before), row);
        for (std::size_t c = 0; c < kColumns; ++c) {
            if (c > 0) text += between;
            fmt::format_to(std::back_inserter(text), "{}", number(row, c));
        }
        text += after;
    }
    return text;
}

double seconds_to_open(const std::string& path) {
    return medians(
        kRounds, {[&] {
            (void)hsa::load_dataset({{path, "", 0}}, {}, {}, std::uint64_t{1} << 26U, {});
        }})[0];
}

void put(const std::string& path, std::string_view bytes) {
    std::ofstream(path, std::ios::binary) << bytes;
}

void text_rows(const Scratch& scratch, Table& table) {
    constexpr std::size_t kBytes = 200'000'000;
    const auto row = [&](const std::string& name, const std::string& text, const char* reach) {
        put(scratch.at(name), text);
        const double seconds = seconds_to_open(scratch.at(name));
        const double megabytes = static_cast<double>(text.size()) / kMegabyte;
        table.row({name, shown(megabytes), shown(seconds), shown(megabytes / seconds), reach});
        std::filesystem::remove(scratch.at(name));
    };
    row("numbers.csv", lines(kBytes, "", ",", "\n"), "100");
    row("labelled.csv", lines(kBytes, "word{},", ",", "\n"), "100");
    row("quoted.csv", lines(kBytes / 4, R"("word, {}",)", ",", "\n"), "");
    row("glove.txt", lines(kBytes, "word{} ", " ", "\n"), "");
    row("vectors.jsonl", lines(kBytes / 4, R"({{"word": "w{}", "embedding": [)", ",", "]}\n"), "");
}

// 1 GiB of rows behind `header`.
void mapped_row(const Scratch& scratch, const std::string& name, const std::string& header,
                std::size_t rows, Table& table) {
    {
        hsa::Matrix<float> part(4096, kColumns);
        for (std::size_t i = 0; i < part.size(); ++i) part.data()[i] = number(i, 0);
        std::ofstream out(scratch.at(name), std::ios::binary);
        out << header;
        for (std::size_t row = 0; row < rows; row += part.rows())
            out.write(reinterpret_cast<const char*>(part.data()),
                      static_cast<std::streamsize>(part.size() * sizeof(float)));
    }
    const double seconds = seconds_to_open(scratch.at(name));
    const double megabytes =
        static_cast<double>(std::filesystem::file_size(scratch.at(name))) / kMegabyte;
    table.row({name + ", mapped", shown(megabytes), shown(seconds), shown(megabytes / seconds),
               "under 1 s"});
    std::filesystem::remove(scratch.at(name));
}

void mapped_rows(const Scratch& scratch, Table& table) {
    constexpr std::size_t kRows = std::size_t{1} << 21U;  // x 128 x 4 bytes = 1 GiB
    const hsa::Matrix<float> one(1, kColumns, 0.0F);
    std::string npy = hsa::write_npy(one.view());
    npy.resize(npy.size() - kColumns * sizeof(float));
    const std::string shape = fmt::format("({}, {}), }}", kRows, kColumns);
    const std::size_t at = npy.find("(1, ");
    const std::size_t spare = shape.size() - fmt::format("(1, {}), }}", kColumns).size();
    npy.replace(at, fmt::format("(1, {}), }}", kColumns).size(), shape);
    npy.erase(npy.size() - 1 - spare, spare);
    mapped_row(scratch, "large.npy", npy, kRows, table);
    std::string tensors =
        fmt::format(R"({{"x":{{"dtype":"F32","shape":[{},{}],"data_offsets":[0,{}]}}}})", kRows,
                    kColumns, kRows * kColumns * sizeof(float));
    tensors.append(8 - tensors.size() % 8, ' ');
    std::string length(8, '\0');
    length[0] = static_cast<char>(tensors.size());
    mapped_row(scratch, "large.safetensors", length + tensors, kRows, table);
}

}  // namespace

void files_case() {
    const Scratch scratch;
    Table table({"file", "MB", "s", "MB/s", "to reach"});
    text_rows(scratch, table);
    mapped_rows(scratch, table);
    table.print();
}

}  // namespace hsa_bench
