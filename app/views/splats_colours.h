#pragma once

#include "app/views/splats_scene.h"
#include "app/views/view.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace splatscope {

// The colours and shapes of the tokens in the 3-D view and what they mean.
struct PointColours {
    std::vector<std::uint8_t> kind;  // [n] or empty: index into classes
    std::vector<PointClass> classes;
    std::optional<PointBar> bar;  // of numbers: the classes are its steps
    std::string title;            // of the legend
    Colour plain;                 // where nothing distinguishes the tokens

    [[nodiscard]] Colour of(std::size_t token) const {
        return token < kind.size() ? classes[kind[token]].colour : plain;
    }
    [[nodiscard]] Marker shape_of(std::size_t token) const {
        return token < kind.size() ? classes[kind[token]].shape : Marker::circle;
    }
    // "sections: The ring"; empty where nothing distinguishes the tokens or a scale does.
    [[nodiscard]] std::string words(std::size_t token) const {
        return token < kind.size() && !bar ? title + ": " + classes[kind[token]].name
                                           : std::string();
    }
};

// Of a token without a number among numbers: fainter than any of these.
[[nodiscard]] Colour missing_colour(const Theme& theme);

// By the session's choice: sections of the text, labels of the rows (their part before the first
// '/' where all have one), the level of the splat that speaks most for each token, a property of
// the data, whether a token can lie in splats, how much of its distance is shown, or nothing but
// the selection. What the data lack falls back to labels, then to the colour of the level shown.
// Classes beyond the seven largest share one colour; numbers go through the map's colours.
[[nodiscard]] PointColours point_colours(const ViewContext& context, std::size_t level);

// point_colours, worked out again only where what the choice depends on changed.
class KeptColours {
  public:
    [[nodiscard]] const PointColours& of(const ViewContext& context, std::size_t level);

  private:
    struct Key {
        std::shared_ptr<const hsa::Dataset> dataset;
        std::shared_ptr<const hsa::SplatRegistry> registry;
        std::shared_ptr<const hsa::Factors> factors;
        std::shared_ptr<const hsa::Layout> layout;
        std::shared_ptr<const hsa::Coordinates> coordinates;
        std::size_t level = 0;
        PointChoice choice;
        // Where the choice is about splats:
        std::vector<hsa::SplatId> selected;
        double sigma = 0.0;
        std::set<std::string> hidden_levels;
        std::set<hsa::SplatId> hidden;
        ThemeName theme = ThemeName::dark;
        const Theme* look = nullptr;
        ColourMapName colours = ColourMapName::viridis;
        bool operator==(const Key&) const = default;
    };
    std::optional<Key> key_;
    PointColours colours_;
};

}  // namespace splatscope
