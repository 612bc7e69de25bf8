#pragma once

#include "app/views/splats_kept.h"
#include "app/views/splats_scene.h"
#include "app/views/view.h"
#include "engine/explain/tour.h"
#include "engine/explain/tour_path.h"

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace splatscope {

// Points drawn at most while the axes move; beyond, every so manieth token.
inline constexpr std::size_t kMostMoving = 100000;

// The 3-D scene between two sets of axes: on a tour through all dimensions, or for a moment after
// other axes were chosen. At rest, and in pictures, it does nothing.
class SplatsMotion {
  public:
    // Puts the scene of this moment into `shown`, which holds what was drawn last, and asks for
    // more frames. False at rest: then the still scene is to be drawn. `still_number` differs
    // whenever the still scene does.
    bool move(const ViewContext& context, const SplatsScene& still, std::uint64_t still_number,
              SplatsKept& kept, SplatsScene& shown, Drawn& drawn);
    // Of a moving tour, for the line beside the title; else empty.
    [[nodiscard]] const std::string& words() const { return words_; }

  private:
    using Covariance = std::array<float, 6>;
    struct Place {
        Vec3 centre{};
        Covariance covariance{};
    };

    bool tour(const ViewContext& context, const SplatsScene& still, std::uint64_t still_number,
              SplatsKept& kept, SplatsScene& shown, Drawn& drawn);
    void take_leg(const hsa::TourLeg& leg);
    void place_on_tour(const ViewContext& context, double second, SplatsScene& shown);
    void begin_change(const SplatsScene& still, const SplatsScene& shown);
    bool change(const ViewContext& context, const SplatsScene& still, SplatsScene& shown,
                Drawn& drawn);
    void note_still(const ViewContext& context);

    // Of the tour.
    std::shared_ptr<const hsa::TourSpace> space_;
    std::shared_ptr<const hsa::SplatRegistry> registry_;  // its rows
    std::shared_ptr<const hsa::Coordinates> coordinates_;
    std::optional<hsa::TourPath> path_;
    std::uint64_t seed_ = 0;
    std::size_t path_dimension_ = 0;
    std::optional<double> leg_begin_;      // of the leg that the products below are of
    hsa::Matrix<float> leg_points_;        // [tokens, 6]
    hsa::Matrix<float> leg_centres_;       // [k, 6]
    hsa::Matrix<float> leg_covariances_;   // [k, 36]
    std::uint64_t prepared_ = 0;           // the still scene that `shown` was made from
    std::vector<std::uint32_t> body_row_;  // of the space, for each body shown
    std::string words_;
    bool touring_ = false;

    // Where everything was drawn last, at rest or not.
    std::map<hsa::SplatId, Place> places_;
    std::shared_ptr<const hsa::Layout> layout_;
    // Of a change.
    std::map<hsa::SplatId, Place> from_;
    std::vector<std::pair<std::uint32_t, std::array<float, 3>>> from_points_, from_lit_;
    std::optional<double> began_;
};

}  // namespace splatscope
