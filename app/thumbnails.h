#pragma once

#include "app/render/canvas.h"
#include "app/session.h"
#include "engine/snapshot.h"

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace splatscope {

inline constexpr std::size_t kThumbnailSide = 96;  // pixels

// Small pictures of the map of files that were shown, kept beside the list of recent files: one a
// file, PNGs of at most 96 x 96 pixels.

// Where the picture of a file is kept: a folder of the profile's, the name a hash of the path.
[[nodiscard]] std::string thumbnail_path(const std::string& profile, const std::string& file);
// The bytes of the PNG: the whole map in the session's colours. Throws Error; Cancelled.
[[nodiscard]] std::string thumbnail_of(const Session& session, const hsa::Snapshot& snapshot,
                                       const hsa::Work& work);
// Writes it and removes those of files that are not `kept`. Throws Error.
void keep_thumbnail(const std::string& profile, const std::string& file, const std::string& png,
                    const std::vector<std::string>& kept);

// The pictures as they are drawn; at most one is read a frame.
class Thumbnails {
  public:
    explicit Thumbnails(std::string profile) : profile_(std::move(profile)) {}
    // The picture of a file; null where there is none (yet).
    [[nodiscard]] const Image* of(const std::string& file);
    // Reads anew what is asked for from now on.
    void forget() { known_.clear(); }
    // Once a frame.
    void next_frame() { read_ = false; }

  private:
    std::string profile_;
    std::map<std::string, std::optional<Image>> known_;
    bool read_ = false;
};

}  // namespace splatscope
