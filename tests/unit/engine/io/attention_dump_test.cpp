// Attention of several heads in one .npy as the target.
#include "engine/io/npy.h"
#include "engine/load.h"
#include "tests/unit/engine/io/io_test.h"
#include "tests/unit/engine/io/npz_file.h"

using io_test::check_fails;
using io_test::Folder;
using io_test::npy_of;
using io_test::put_file;

namespace {

// [layers, heads, 2, 2]: row i of a head attends to itself by .5 + .1 layer + .01 head.
std::vector<float> attention(std::size_t layers, std::size_t heads) {
    std::vector<float> values;
    for (std::size_t l = 0; l < layers; ++l)
        for (std::size_t h = 0; h < heads; ++h) {
            const float own = 0.5F + 0.1F * static_cast<float>(l) + 0.01F * static_cast<float>(h);
            for (const float value : {own, 1.0F - own, 1.0F - own, own}) values.push_back(value);
        }
    return values;
}

float own_attention(const std::string& path, const hsa::EmbedSettings& embed, std::size_t n = 2) {
    const Folder folder;
    put_file(folder.at("x.csv"), n == 2 ? "1,2\n3,4\n" : "1,2\n3,4\n5,6\n");
    const auto data = hsa::load_dataset({{folder.at("x.csv"), "", 0}}, {}, {}, 1U << 30U, {});
    hsa::Coordinates coordinates;
    coordinates.base = std::make_shared<const hsa::Matrix<float>>(n, 2, 1.0F);
    hsa::TargetSettings settings;
    settings.source = hsa::TargetSource::file;
    settings.path = path;
    const auto target = hsa::find_target(*data, coordinates, settings, embed, false);
    hsa::Matrix<float> row(1, n);
    const std::uint32_t first = 0;
    target->rows(std::span(&first, 1), row.view());
    return row(0, 0);
}

}  // namespace

TEST_CASE("embed.layer and embed.head choose among the heads of a dump", "[io][target]") {
    const Folder folder;
    const std::string path = folder.at("a.npy");
    hsa::EmbedSettings embed;
    put_file(path, npy_of("(3, 4, 2, 2)", attention(3, 4)));
    CHECK(own_attention(path, embed) == Approx(0.5));
    embed.layer = 2;
    embed.head = 3;
    CHECK(own_attention(path, embed) == Approx(0.73));
    put_file(path, npy_of("(4, 2, 2)", attention(1, 4)));
    CHECK(own_attention(path, embed) == Approx(0.53));
    put_file(path, npy_of("(2, 2)", attention(1, 1)));
    CHECK(own_attention(path, embed) == Approx(0.5));
}

TEST_CASE("attention in an archive is a target like a dump", "[io][target]") {
    const Folder folder;
    const std::string path = folder.at("a.npz");
    hsa::EmbedSettings embed;
    put_file(path, io_test::npz_of({{"attention.npy", npy_of("(3, 4, 2, 2)", attention(3, 4))}}));
    CHECK(own_attention(path, embed) == Approx(0.5));
    embed.layer = 2;
    embed.head = 3;
    CHECK(own_attention(path, embed) == Approx(0.73));
    check_fails([&] { (void)own_attention(path, embed, 3); }, {"a.npz: attention", "2 x 2"});
    embed = {};
    put_file(path,
             io_test::npz_of({{"attention.npy", npy_of("(2, 2)", {0.5F, 0.5F, 0.5F, 0.6F})}}));
    check_fails([&] { (void)own_attention(path, embed); }, {"row 1 sums to 1.1"});
}

TEST_CASE("a dump that does not fit is refused", "[io][target]") {
    const Folder folder;
    const std::string path = folder.at("a.npy");
    hsa::EmbedSettings embed;
    put_file(path, npy_of("(3, 4, 2, 2)", attention(3, 4)));
    check_fails([&] { (void)own_attention(path, embed, 3); }, {"2 x 2", "expected 3 x 3"});
    embed.head = 4;
    check_fails([&] { (void)own_attention(path, embed); },
                {"no layer 0 with a head 4", "3 layers of 4 heads", "embed.head"});
    std::vector<float> wrong = attention(3, 4);
    wrong[1] = 0.7F;
    put_file(path, npy_of("(3, 4, 2, 2)", wrong));
    embed.head = 1;
    CHECK(own_attention(path, embed) == Approx(0.51));  // another head's row is wrong
    embed.head = 0;
    check_fails([&] { (void)own_attention(path, embed); }, {"row 0 sums to 1."});
    const std::string bytes = io_test::get_file(path);
    put_file(path, bytes.substr(0, bytes.size() - 4));
    check_fails([&] { (void)own_attention(path, embed); }, {"truncated"});
    put_file(path, npy_of("(4, 3, 2)", std::vector<float>(24, 0.5F)));
    check_fails([&] { (void)own_attention(path, embed); }, {"3 x 2"});
}
