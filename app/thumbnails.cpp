#include "app/thumbnails.h"

#include "app/views/map_pixels.h"
#include "engine/attention/picture.h"
#include "engine/core/error.h"
#include "engine/core/hash.h"
#include "engine/io/file.h"
#include "engine/io/png.h"

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <set>
#include <utility>

namespace splatscope {
namespace {

namespace fs = std::filesystem;

fs::path folder_of(const std::string& profile) { return fs::path(profile) / "thumbnails"; }

}  // namespace

std::string thumbnail_path(const std::string& profile, const std::string& file) {
    return (folder_of(profile) / fmt::format("{:016x}.png", hsa::hash_text(file))).string();
}

std::string thumbnail_of(const Session& session, const hsa::Snapshot& snapshot,
                         const hsa::Work& work) {
    if (!snapshot.factors || !snapshot.sums || snapshot.factors->tokens() == 0)
        hsa::fail("There is no attention to make a small picture of.");
    const std::size_t tokens = snapshot.factors->tokens();
    const std::size_t side = std::min(kThumbnailSide, tokens);
    hsa::PictureRequest request;
    request.rows = request.columns = {0, tokens};
    request.height = request.width = side;
    const hsa::Picture picture = hsa::attention_picture(*snapshot.factors, *snapshot.sums, request,
                                                        session.document.attention, work);
    const AttentionColours colours = attention_colours(session.desk.map, theme(session.desk.theme),
                                                       &picture, static_cast<double>(tokens));
    const Image image = AttentionPixels(colours).image(picture);
    hsa::PngImage png;
    png.width = image.width;
    png.height = image.height;
    png.rgba.resize(image.pixels->size() * 4);
    std::memcpy(png.rgba.data(), image.pixels->data(), png.rgba.size());
    return hsa::write_png(png);
}

void keep_thumbnail(const std::string& profile, const std::string& file, const std::string& png,
                    const std::vector<std::string>& kept) {
    std::error_code fault;
    fs::create_directories(folder_of(profile), fault);
    std::set<std::string> stay;
    for (const std::string& path : kept) stay.insert(thumbnail_path(profile, path));
    const std::string own = thumbnail_path(profile, file);
    if (stay.count(own) > 0) hsa::write_file(own, png, hsa::Existing::replace);
    for (const auto& entry : fs::directory_iterator(folder_of(profile), fault)) {
        const fs::path& path = entry.path();
        if (path.extension() == ".png" && stay.count(path.string()) == 0) fs::remove(path, fault);
    }
}

const Image* Thumbnails::of(const std::string& file) {
    auto found = known_.find(file);
    if (found == known_.end()) {
        if (read_) return nullptr;
        read_ = true;
        std::optional<Image> image;
        const std::string path = thumbnail_path(profile_, file);
        std::error_code fault;
        if (fs::is_regular_file(path, fault)) {
            try {
                const hsa::PngImage png = hsa::read_png(path, hsa::read_file(path));
                std::vector<std::uint32_t> pixels(png.width * png.height);
                std::memcpy(pixels.data(), png.rgba.data(), png.rgba.size());
                image.emplace();
                image->key = hsa::hash_values(std::span<const std::uint32_t>(pixels), png.width);
                image->width = png.width;
                image->height = png.height;
                image->pixels =
                    std::make_shared<const std::vector<std::uint32_t>>(std::move(pixels));
                image->smooth = true;
            } catch (const hsa::Error&) {
                image.reset();  // a picture that cannot be read is none
            }
        }
        found = known_.emplace(file, std::move(image)).first;
    }
    return found->second ? &*found->second : nullptr;
}

}  // namespace splatscope
