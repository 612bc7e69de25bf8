#pragma once

#include "app/widgets/colour_map.h"
#include "app/widgets/theme.h"
#include "engine/attention/picture.h"
#include "engine/attention/strongest_blocks.h"
#include "engine/engine.h"
#include "engine/explain/listing.h"
#include "engine/model/selection.h"
#include "engine/model/settings.h"

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace splatscope {

// How many levels levels.suggest and levels.optimise keep to.
struct LevelLimits {
    std::size_t least = 1;
    std::size_t most = 6;
    bool operator==(const LevelLimits&) const = default;
};

enum class CompareKind : std::uint8_t { none, file, cycle, branch, target, head };
struct Compare {
    CompareKind kind = CompareKind::none;
    std::string argument;
    std::uint64_t version = 0;    // of a file: raised to read it again
    std::uint64_t data_hash = 0;  // of its data when a session was saved; 0 = unknown
    bool operator==(const Compare&) const = default;
};

// The history the user asked for: what was done by hand and how many cycles ran (architecture.md
// "History"). A branch is a timeline that was left when an edit or step came before its end.
struct Timeline {
    hsa::CycleSettings first;  // in force from cycle 0; later changes are entries
    std::vector<hsa::HistoryEntry> entries;
    std::int32_t last = 0;                      // cycles asked for
    bool until_quiet = false;                   // a run in progress that may end before `last`
    std::vector<hsa::EventKind> until_events;   // and one that ends with such an event
    std::int32_t run_from = 0;                  // where that run began
    std::int32_t cursor = 0;                    // the cycle shown, 0..last
    std::map<std::int32_t, std::string> marks;  // notes of the user, by cycle
    bool operator==(const Timeline&) const = default;
};

// What the work is about: undoable.
struct Document {
    std::vector<hsa::Source> sources;
    std::uint64_t data_hash = 0;  // of the data that a session was saved with; 0 = unknown
    Compare compare;
    hsa::EmbedSettings embed;
    hsa::CoordinateSettings coordinates;
    hsa::InitSettings init;
    hsa::SplatSettings splats;
    hsa::TargetSettings target;
    hsa::AdaptSettings adapt;
    hsa::AttentionSettings attention;
    hsa::LevelMask mask;
    LevelLimits levels;
    hsa::ComputeSettings compute;
    hsa::ReplaceSettings replace;
    hsa::RecoverSettings recover;
    std::string run;        // path of the .run whose history goes on; empty = initialise
    Timeline run_timeline;  // as it was saved
    Timeline timeline;
    std::vector<Timeline> branches;  // the newest last
    hsa::Selection selection;
    std::map<std::string, hsa::Selection> kept;        // selections by the name they were given
    std::map<hsa::SplatId, std::string> names;         // of splats, given by hand
    hsa::AxesChoice axes;                              // of the 3-D view
    std::map<std::string, hsa::AxesChoice> kept_axes;  // by the name they were given
    bool operator==(const Document&) const = default;
};

// uniform: diverging, above/below; linear: from nothing, not by the logarithm.
enum class MapScale : std::uint8_t { fixed, view, uniform, linear };
// How the second side is shown in the map; both sides have the same rows and columns.
enum class MapCompare : std::uint8_t { off, split, difference, blink, beside };
enum class MapSide : std::uint8_t { first, second };
struct MapDesk {
    // Visible tokens; an empty range is the whole. Real numbers, so that panning is smooth.
    double row_begin = 0.0, row_end = 0.0, column_begin = 0.0, column_end = 0.0;
    ColourMapName colours = ColourMapName::viridis;
    MapScale scale = MapScale::fixed;
    std::string level;                   // empty = all
    std::set<hsa::SplatId> splats = {};  // these alone; empty = those of the level
    hsa::Statistic statistic = hsa::Statistic::mean;
    bool profiles = false;      // of rows and columns, beside the map
    std::string channels = {};  // levels or splat:ID as red, green and blue, by commas
    bool invert = false;
    // Ends of the colours, times uniform; nothing: those of the scale.
    std::optional<double> low = std::nullopt, high = std::nullopt;
    double trim_low = 2.0, trim_high = 99.5;  // percent, of the scales view and linear
    bool minimap = true;
    MapCompare compare = MapCompare::off;
    MapSide side = MapSide::first;  // shown while a blink rests, and in pictures
    bool blinking = true;
    double blink_rate = 1.0;  // sides a second
    bool jumps = false;       // the list of the strongest blocks
    hsa::StrengthBy jumps_by = hsa::StrengthBy::value;
    std::size_t jumps_apart = 2;  // from the diagonal, in blocks
    std::size_t jump = 0;         // the block that was gone to, from 1; 0 = none
    std::string jumps_from = {};  // what the list was of then, R0:R1,C0:C1
    bool operator==(const MapDesk&) const = default;
};

enum class SplatStyle : std::uint8_t { ellipsoids, rings, centres, soft };
// Where the handles on the selected splat are drawn: never, in the window, in pictures too.
enum class HandlesShown : std::uint8_t { off, window, always };
// inside: whether a token can lie in a splat; distance: how much of a token's distance is shown.
enum class PointColour : std::uint8_t {
    level,
    section,
    label,
    selection,
    inside,
    distance,
    property
};
// What the colours of the tokens say; of a property of the data, which.
struct PointChoice {
    PointColour by = PointColour::section;
    std::string property = {};
    bool operator==(const PointChoice&) const = default;
};
// Where the camera of the 3-D view stands: an orbit that looks at `pivot` from `distance`; angles
// in radians.
struct CameraPose {
    std::array<double, 3> pivot{};
    double yaw = 0.6, pitch = 0.35, distance = 0.0;  // 0 = frame everything
    bool everything = false;                         // far outliers too
    bool orthographic = false;
    bool operator==(const CameraPose&) const = default;
};
struct KeptCamera {
    std::string name;
    CameraPose pose;
    bool operator==(const KeptCamera&) const = default;
};
// On the way to another pose: the view mixes the two, since it alone knows what framing everything
// is in its size.
struct CameraWay {
    CameraPose to;
    double share = 0.0;  // of the way, 0..1
    bool operator==(const CameraWay&) const = default;
};
struct SplatsDesk : CameraPose {
    SplatStyle style = SplatStyle::ellipsoids;
    double sigma = 1.0;                   // 0.25..4
    std::string opacity = "usage";        // amplitude, alike, or a property of splats
    std::set<std::string> hidden_levels;  // of the splats
    std::set<hsa::SplatId> hidden;        // splats by id
    std::string points_level;  // whose coordinates the points show; empty = second finest
    bool points = true;
    PointChoice point_colour;
    bool labels = true;
    std::size_t trails = 0;  // cycles back that the ways of the splats are drawn
    bool edges = false;      // of the tree
    bool grid = true;        // on the ground, and a scale bar
    bool cube = true;        // that turns the camera; in the window only
    HandlesShown handles = HandlesShown::window;
    double tour_speed = 1.0;          // seconds of the tour a second
    bool touring = false;             // moves, where the axes are those of a tour; not saved
    double tour_started = 0.0;        // ... since that second of the window's clock; not saved
    std::optional<CameraWay> way;     // from the pose above; nothing: the camera stands there
    std::vector<KeptCamera> cameras;  // in the order they were kept
    bool operator==(const SplatsDesk&) const = default;
};

enum class TreeForm : std::uint8_t { icicle, nodelink, lineage };
// Whose lines the lineage draws; automatic: all that there is room for, those with events first.
enum class LineageLines : std::uint8_t { automatic, all, events, selected };
struct TreeDesk {
    TreeForm form = TreeForm::icicle;
    std::string colour = "level";  // or a splat measure: "usage", "information", ...
    std::set<hsa::SplatId> collapsed;
    LineageLines lines = LineageLines::automatic;
    std::string find;  // splats whose names hold it are marked, others step back; empty = none
    bool operator==(const TreeDesk&) const = default;
};

enum class TextTint : std::uint8_t { from, to, splat, level, measure };
struct TextDesk {
    TextTint tint = TextTint::from;
    std::string measure = "received";  // a number of tokens
    bool hover = true;
    std::size_t arcs = 0;
    bool heat = false;
    double scroll = 0.0;  // first visible line
    bool operator==(const TextDesk&) const = default;
};

// What a lane of the timeline holds, and which measures it draws below them; all: those that fit.
enum class TimelineLanes : std::uint8_t { level, kind };
enum class TimelineCurve : std::uint8_t { row_kl, objective, entropy, information, splats, all };
struct TimelineDesk {
    double begin = 0.0, end = 0.0;  // visible cycles; empty = all
    double speed = 4.0;             // cycles a second when playing the past
    bool refused = false;           // refused trials drawn too
    TimelineLanes lanes = TimelineLanes::level;
    TimelineCurve curve = TimelineCurve::row_kl;
    std::size_t range_begin = 0, range_end = 0;  // selected cycles, half open; empty = none
    bool operator==(const TimelineDesk&) const = default;
};

struct CompareDesk {
    // Visible tokens of a second side that has others than the map; an empty range is the whole.
    double row_begin = 0.0, row_end = 0.0, column_begin = 0.0, column_end = 0.0;
    bool operator==(const CompareDesk&) const = default;
};

struct HeadsDesk {
    bool fits = false;  // splats are fitted to every head
    bool operator==(const HeadsDesk&) const = default;
};

struct DistributionsDesk {
    std::string property = "splat.usage";  // "splat.<name>" or "token.<name>"
    bool logarithmic = false;
    bool operator==(const DistributionsDesk&) const = default;
};

// One kind of rows in the table.
struct TableRows {
    std::string sort;    // a column, with - before it from the largest down; empty = by number
    std::string filter;  // an expression; empty = all
    bool operator==(const TableRows&) const = default;
};
struct TableDesk {
    hsa::Things rows = hsa::Things::splats;
    TableRows splats, tokens, events;
    double scroll = 0.0;     // first visible row
    std::size_t column = 0;  // columns scrolled away, after those that always stand at the left

    // What the table lists.
    [[nodiscard]] hsa::ListingWanted wanted() const {
        const TableRows& of = rows == hsa::Things::splats   ? splats
                              : rows == hsa::Things::tokens ? tokens
                                                            : events;
        return {rows, of.filter, of.sort};
    }
    bool operator==(const TableDesk&) const = default;
};

// What computes; automatic: the first that can be had, a card before the CPU.
enum class BackendName : std::uint8_t { automatic, cuda, opengl, cpu };

// What the sheet that composes pictures begins with; how large in pixels, 0 = the view's usual
// size.
enum class PictureUnit : std::uint8_t { pixels, mm };
struct PictureDesk {
    PictureFormat format = PictureFormat::png;
    PictureUnit unit = PictureUnit::pixels;
    std::size_t width = 0, height = 0;
    double width_mm = 120.0, height_mm = 80.0;
    std::size_t dpi = 300;
    std::size_t finer = 1;  // pixels of the picture a pixel of the layout
    Ground background = Ground::theme;
    Parts without;
    bool operator==(const PictureDesk&) const = default;
};

// What dragging with the left button does: orbits or pans, or draws a region to select.
enum class Tool : std::uint8_t { move, rectangle, lasso };

// How it is looked at: saved, not undoable.
struct Desk {
    MapDesk map;
    SplatsDesk splats;
    TreeDesk tree;
    TextDesk text;
    TimelineDesk timeline;
    DistributionsDesk distributions;
    TableDesk table;
    HeadsDesk heads;
    CompareDesk compare;
    PictureDesk picture;
    bool watch = false;  // files that are open are read again when they change
    // Of the machine and not of the work: not in sessions, kept with the user's settings.
    BackendName backend = BackendName::automatic;
    std::uint64_t backend_asked = 0;  // how often it was chosen, the same again too; not saved
    Tool tool = Tool::move;
    ThemeName theme = ThemeName::dark;
    double scale = 1.0;  // of the whole window, 0.75..3
    bool guide = true;   // the first five minutes are shown step by step
    std::set<std::string> closed_views;
    std::string layout;       // ImGui's, taken when saving; empty = the default
    int default_layouts = 0;  // how often the default one was asked for; not saved
    std::string own_file;     // where the session was opened from or saved to; empty = nowhere yet
    bool operator==(const Desk&) const = default;
};

// Everything the user has chosen: a value.
struct Session {
    Document document;
    Desk desk;
    bool operator==(const Session&) const = default;
};

// Where the tour is at a second of the window's clock: what Document::axes say, and further while
// it moves.
[[nodiscard]] double tour_second(const Session& session, double now);
[[nodiscard]] bool is_touring(const Session& session);

// What the engine must compute for this session.
[[nodiscard]] hsa::Request request_of(const Session& session);
// The selection as one line for the status bar: "block 210 x 210, 5 splats, 34 tokens".
[[nodiscard]] std::string describe(const hsa::Selection& selection);

// The one list of every setting: calls visitor(name, member, Range or nothing, help) for each, for
// a const or a mutable Session alike. Settings named by a level (mute, solo) are handled in
// settings.cpp, since their names depend on the data.
struct Limits {
    double low = 0.0;
    double high = 0.0;  // low == high: no limit
    bool low_open = false;
};

template <class S, class Visitor>
void visit(S& session, Visitor&& visitor) {
    auto& d = session.document;
    auto& k = session.desk;
    visitor(
        "attention.form", d.attention.form, Limits{},
        "token: splats lie on the vectors, one Gaussian a splat on both sides; shared, paired: "
        "they are fitted to softmax(q . k), with one or two Gaussians a splat; auto: shared for "
        "the queries and keys of a head, else token");
    visitor("attention.mode", d.attention.mode, Limits{},
            "dense: every splat; sparse: a token's best splats on both sides (splats_per_token, 16 "
            "by itself); spatial: these found through cells");
    visitor("attention.temperature", d.attention.temperature, Limits{0.01, 100},
            "divides the Gaussian part of every log kernel");
    visitor("attention.causal", d.attention.causal, Limits{},
            "a token attends to itself and what comes before it, never to what follows; the target "
            "too");
    visitor("attention.window", d.attention.window, Limits{0, 4096},
            "exact scores for so many tokens on either side, beside the splats; 0 = none");
    visitor(
        "attention.blend", d.attention.blend, Limits{0, 1},
        "share of the splats beside the window's own softmax; auto: 0.5 in the form token, else "
        "window and splats in one normaliser");
    visitor("attention.near", d.attention.near, Limits{0, 64},
            "exact scores for the tokens of a row's so many best splats (forms shared, paired)");
    visitor("attention.near_limit", d.attention.near_limit, Limits{1, 65536},
            "with attention.near: at most so many tokens of a splat");
    visitor("attention.anchors", d.attention.anchors, Limits{0, 4096},
            "exact scores for the so many heaviest columns (forms shared, paired)");
    visitor("attention.mask", d.attention.mask, Limits{},
            "tokens that no row attends to, A:B,C:D,...: padding; empty = none");
    visitor("attention.normalise", d.attention.normalise, Limits{},
            "row: rows of P K; softmax: of the log scores over tau; softmax-linear: of the scores "
            "themselves, nearly flat");
    visitor("attention.tau", d.attention.tau, Limits{0.001, 1000},
            "with softmax: below 1 sharper, above 1 flatter; 1 = row");
    visitor("attention.top_k", d.attention.top_k, Limits{0, 1e9},
            "keep only the k largest of each row, renormalised; 0 = all");
    visitor("attention.threshold", d.attention.threshold, Limits{0, 1},
            "keep only attention of at least this, renormalised; 0 = all");
    visitor("attention.splats_per_token", d.attention.splats_per_token, Limits{0, 1e9},
            "a token speaks through its m best splats only; 0 = all");
    visitor(
        "splats.kernel", d.splats.kernel, Limits{},
        "covariance of splats that are initialised here: one width, one an axis, a few directions "
        "beside these, or everything; auto: spherical, fitted to a head diagonal");
    visitor("splats.seed", d.splats.seed, Limits{0, 1e15},
            "seed of the initialisation: same seed, same splats");
    visitor("splats.background", d.splats.background, Limits{},
            "add one splat that covers everything, so that no attention is exactly zero");
    visitor("coordinates.smoothing", d.coordinates.smoothing, Limits{},
            "smoothing of the level coordinates along the text: auto, off, trailing (past only), "
            "factor");
    visitor("coordinates.smoothing_factor", d.coordinates.smoothing_factor, Limits{0, 100},
            "with smoothing factor: every width times this");
    visitor("coordinates.position", d.coordinates.position, Limits{0, 0.3},
            "weight of the position in the text as a coordinate of its own");
    visitor("embed.method", d.embed.method, Limits{},
            "where vectors of a text come from: a transformer (model), the text itself "
            "(cooccurrence), a file; auto: the file's, else the model's where one is found");
    visitor("embed.model", d.embed.model, Limits{},
            "a model's folder, or its name in SPLATSCOPE_MODELS or the user's data folder");
    visitor("embed.tokenizer", d.embed.tokenizer, Limits{},
            "what the tokens of a text are: words, characters, bytes, lines, or a vocab.txt, "
            "tokenizer.json or SentencePiece .model; auto: the model's, else words");
    visitor("embed.layer", d.embed.layer, Limits{0, 4096},
            "the layer of a model or of a file with its heads, from 0; auto: the last, of a file "
            "the first");
    visitor("embed.head", d.embed.head, Limits{0, 4096},
            "the head of that layer, from 0: its queries, keys and values; auto: the layer's "
            "states, of a file head 0");
    visitor("embed.window", d.embed.window, Limits{8, 65536}, "tokens that a model reads at once");
    visitor("embed.stride", d.embed.stride, Limits{1, 65536},
            "from the start of one window to that of the next, where no head is chosen");
    visitor("replace.heads", d.replace.heads, Limits{},
            "heads whose place splats take: all, LAYER or LAYER:HEAD, each with =BLEND, by commas");
    visitor("replace.mode", d.replace.mode, Limits{},
            "full: splats alone; hybrid: blended with the head's own attention; added: beside it; "
            "outside: for tokens that its window does not hold");
    visitor("replace.blend", d.replace.blend, Limits{0, 1},
            "share of the splats where a head names none");
    visitor("replace.bound", d.replace.bound, Limits{0, 1e6},
            "a head whose splats have a larger row-KL keeps its own attention");
    visitor("target.source", d.target.source, Limits{},
            "what attention should match: scores of the embeddings, none, or a file");
    visitor("target.path", d.target.path, Limits{},
            "an n x n .npy of rows that sum to 1, with target.source file");
    visitor("target.scale", d.target.scale, Limits{0, 1e6, true},
            "scale of the target's scores; auto = 1 / sqrt(dimensions)");
    visitor("adapt.preset", d.adapt.preset, Limits{},
            "story: few events a cycle, readable; fast: more");
    visitor("adapt.rate.death", d.adapt.rate_death, Limits{0, 64},
            "deaths a cycle at most; auto = the preset's");
    visitor("adapt.rate.merge", d.adapt.rate_merge, Limits{0, 64},
            "merges a cycle at most; auto = the preset's");
    visitor("adapt.rate.mitosis", d.adapt.rate_mitosis, Limits{0, 64},
            "splits a cycle at most; auto = the preset's");
    visitor("adapt.rate.birth", d.adapt.rate_birth, Limits{0, 64},
            "births a cycle at most; auto = the preset's");
    visitor("adapt.max_events", d.adapt.max_events, Limits{0, 256},
            "accepted structural events a cycle at most; auto = the preset's");
    visitor("adapt.lambda", d.adapt.lambda, Limits{0, 1},
            "cost of one splat, as a share of KL(target | uniform)");
    visitor("adapt.trial_rows", d.adapt.trial_rows, Limits{8, 4096}, "rows drawn for each trial");
    visitor("adapt.probe_rows", d.adapt.probe_rows, Limits{8, 4096},
            "fixed rows that check every decision");
    visitor("adapt.learning_rate", d.adapt.learning_rate, Limits{0, 1, true},
            "step of adjust in units of the coordinates' rms");
    visitor("adapt.cooldown", d.adapt.cooldown, Limits{1, 64},
            "cycles a refused proposal rests at first");
    visitor("adapt.seed", d.adapt.seed, Limits{0, 1e15}, "seed of the draws; auto = splats.seed");
    visitor("adapt.every", d.adapt.every, Limits{1, 64},
            "structure is tried every so many cycles; between them splats only step");
    visitor("adapt.sparser", d.adapt.sparser, Limits{0, 1},
            "and more rarely with age: every E + S x A cycles, E adapt.every, A the cycles since "
            "the data last shifted, at most 64; 0 = always every E");
    visitor("adapt.shift", d.adapt.shift, Limits{0, 1000},
            "other data are a shift where their log-coverage is so many standard errors from that "
            "of the data before: structure is tried at once; 0 = no test");
    visitor("adapt.thresholds", d.adapt.thresholds, Limits{},
            "fixed: a trial is held against adapt.lambda; adaptive: against 1/4 to 4 times that, "
            "by kind, so that as many are accepted as adapt.target asks for");
    visitor("adapt.target.death", d.adapt.target_death, Limits{0, 64},
            "with adaptive thresholds: accepted deaths wanted a cycle; auto = a quarter of the "
            "rate");
    visitor("adapt.target.merge", d.adapt.target_merge, Limits{0, 64},
            "the same of merges; auto = a quarter of the rate");
    visitor("adapt.target.mitosis", d.adapt.target_mitosis, Limits{0, 64},
            "the same of splits; auto = a quarter of the rate");
    visitor("adapt.target.birth", d.adapt.target_birth, Limits{0, 64},
            "the same of births; auto = a quarter of the rate");
    visitor("adapt.density", d.adapt.density, Limits{0, 1e6},
            "tries structure at once, whatever adapt.every says, where a dense region of tokens "
            "lacks so many nats a token of log-coverage; 0 = does not look");
    visitor("adapt.smoothing", d.adapt.smoothing, Limits{0, 0.99},
            "share of the texts before in the usage and error share by which splats go and split "
            "while splats.warm_up takes texts in turn; 0 = each text alone");
    visitor("levels.least", d.levels.least, Limits{1, 16},
            "levels.suggest and levels.optimise leave no fewer levels");
    visitor("levels.most", d.levels.most, Limits{1, 16},
            "levels.suggest and levels.optimise make no more levels");
    visitor("levels.from_children", d.adapt.from_children, Limits{0, 1},
            "each cycle moves a parent so much of the way to the merge of its children; 0 = not");
    visitor("levels.from_parent", d.adapt.from_parent, Limits{0, 1e6},
            "each cycle draws splats to their parents, a prior worth so many tokens; 0 = not");
    visitor("levels.memory", d.adapt.path_memory, Limits{0, 0.99},
            "share of the cycles before in what a splat passes to its parents: paths that are used "
            "are reinforced and choose the parent, others fade; 0 = the parent is that of now");
    visitor("recover.automatic", d.adapt.repair, Limits{},
            "what is put right between cycles by itself, each time as an event: off; faults, what "
            "no splats may have (numbers, an empty level, a parent that is none); all that "
            "recover.repair can");
    visitor("recover.fallback", d.recover.fallback, Limits{},
            "shows exact scores in the place of the splats' attention: of a window (local), of all "
            "pairs (dense, up to 4,096 tokens), or none");
    visitor("recover.bound", d.recover.bound, Limits{0, 1e6},
            "row-KL of the splats above which recover.fallback is shown; 0 = always");
    visitor("recover.window", d.recover.window, Limits{1, 4096},
            "with recover.fallback local: exact scores for so many tokens on either side");
    visitor(
        "compute.backend", k.backend, Limits{},
        "what computes: cuda, opengl, cpu, or auto, the first of these that can be had; chosen "
        "again, a card that failed is tried again. Belongs to the machine: no session holds it");
    visitor("compute.precision", d.compute.precision, Limits{},
            "single; double: kernels and exponentials in float64, a few times slower");
    visitor("compute.storage", d.compute.storage, Limits{},
            "of P and K: float32, float16, or 8bit logarithms; the row error is measured");
    visitor("compute.memory", d.compute.memory, Limits{0, 65536},
            "GiB that remembered results and blocks may take; 0 = half of the machine's");
    visitor(
        "compute.time_limit", d.compute.time_limit, Limits{0, 1e6},
        "seconds that a picture of the map or explain.pairs may take: what is not computed by then "
        "is marked; 0 = as long as it takes");
    visitor("map.colours", k.map.colours, Limits{}, "colour map of the attention map");
    visitor("map.scale", k.map.scale, Limits{},
            "fixed: -1.5 .. 1.2 decades about uniform; view: of what is visible; uniform: "
            "diverging about uniform");
    visitor("map.level", k.map.level, Limits{},
            "show the part of one level only; empty = all levels");
    visitor("map.splats", k.map.splats, Limits{},
            "show the parts of these splats only, by id; empty = those of map.level");
    visitor(
        "map.statistic", k.map.statistic, Limits{},
        "mean of a pixel's cells, or most: the largest of them (above 4,096 tokens a bound that "
        "none exceeds)");
    visitor("map.profiles", k.map.profiles, Limits{},
            "the mean of every shown row and column beside the map, and the row and column under "
            "the pointer");
    visitor("map.channels", k.map.channels, Limits{},
            "two or three levels, or splat:ID, shown as red, green and blue: NAME,NAME,NAME; empty "
            "= one map (map.mix)");
    visitor("map.invert", k.map.invert, Limits{}, "turn the colour map around");
    visitor("map.low", k.map.low, Limits{0, 1e12},
            "attention over uniform at the first colour, in every map; auto = of map.scale");
    visitor("map.high", k.map.high, Limits{0, 1e12},
            "attention over uniform at the last colour; auto = of map.scale");
    visitor("map.trim_low", k.map.trim_low, Limits{0, 49},
            "percent of the darkest pixels beyond the first colour, with map.scale view");
    visitor("map.trim_high", k.map.trim_high, Limits{51, 100},
            "percent of the pixels up to the last colour, with map.scale view and linear");
    visitor("map.minimap", k.map.minimap, Limits{},
            "the whole map small in a corner while a part is shown; pictures leave it out");
    visitor("map.compare", k.map.compare, Limits{},
            "how the second side (compare.set) is shown: split at the diagonal, difference (times "
            "as much), blink, beside each other; off");
    visitor("map.side", k.map.side, Limits{},
            "which side a blink shows while it rests, and in pictures");
    visitor("map.blinking", k.map.blinking, Limits{}, "the sides alternate by themselves");
    visitor("map.blink_rate", k.map.blink_rate, Limits{0.1, 10},
            "sides a second that a blink shows");
    visitor("map.jumps", k.map.jumps, Limits{},
            "list the strongest blocks of what the map shows beside it");
    visitor("map.jumps_by", k.map.jumps_by, Limits{},
            "what makes a block strong: value; uniform: over what uniform attention to the tokens "
            "that rows see would give it; lift: over what its rows and columns have otherwise");
    visitor("map.jumps_apart", k.map.jumps_apart, Limits{0, 1000},
            "listed blocks lie so many blocks off the diagonal, 1 = they do not touch it; 0 = "
            "anywhere");
    visitor("map.jump", k.map.jump, Limits{0, 1000},
            "the listed block that was gone to, from 1 (map.go); 0 = none");
    visitor("map.jumps_from", k.map.jumps_from, Limits{},
            "what that list is of, R0:R1,C0:C1; empty = what is shown");
    visitor("map.row_begin", k.map.row_begin, Limits{}, "first visible row");
    visitor("map.row_end", k.map.row_end, Limits{}, "end of the visible rows; 0 = all");
    visitor("map.column_begin", k.map.column_begin, Limits{}, "first visible column");
    visitor("map.column_end", k.map.column_end, Limits{}, "end of the visible columns; 0 = all");
    visitor("compare.row_begin", k.compare.row_begin, Limits{},
            "first visible row of a second side that has other tokens");
    visitor("compare.row_end", k.compare.row_end, Limits{}, "end of its visible rows; 0 = all");
    visitor("compare.column_begin", k.compare.column_begin, Limits{},
            "first visible column of a second side that has other tokens");
    visitor("compare.column_end", k.compare.column_end, Limits{},
            "end of its visible columns; 0 = all");
    visitor("view.splats.style", k.splats.style, Limits{},
            "ellipsoids, rings, centres, or soft: Gaussians without a surface, blended back to "
            "front");
    visitor("view.splats.sigma", k.splats.sigma, Limits{0.25, 4},
            "size of the ellipsoids in standard deviations; soft Gaussians are drawn so many "
            "times as wide as they are");
    visitor("view.splats.opacity", k.splats.opacity, Limits{},
            "what the opacity of a splat says: usage, amplitude, information (each against the "
            "mean of its level), another property of splats, or alike: nothing");
    visitor("view.splats.points", k.splats.points, Limits{}, "draw the tokens as points");
    visitor("view.splats.points_level", k.splats.points_level, Limits{},
            "whose coordinates the points show; empty = the second finest level");
    visitor("view.splats.point_colour", k.splats.point_colour, Limits{},
            "colour of the points: level, section, label, selection; inside: whether a token can "
            "lie in the selected splats; distance: how much of its distance the picture shows; or "
            "property:NAME, a column of the data's metadata (print dataset)");
    visitor("view.splats.labels", k.splats.labels, Limits{}, "write the names of splats");
    visitor("view.splats.trails", k.splats.trails, Limits{0, 256},
            "draw the ways of the selected splats, or of all, over so many cycles back; 0 = none");
    visitor("view.splats.edges", k.splats.edges, Limits{},
            "draw a line from each splat to its parent, wider where the parent covers more of it");
    visitor("view.splats.grid", k.splats.grid, Limits{},
            "draw a grid on the ground and a scale bar");
    visitor("view.splats.cube", k.splats.cube, Limits{},
            "a cube in the window that turns the camera; pictures leave it out");
    visitor("view.splats.tour_speed", k.splats.tour_speed, Limits{0.05, 20},
            "how fast axes.tour moves: 1 turns by about 20 degrees a second");
    visitor("view.splats.handles", k.splats.handles, Limits{},
            "handles that move, widen, weigh and turn the one selected splat: off, window, or "
            "always (in pictures too)");
    visitor("view.splats.hidden", k.splats.hidden_levels, Limits{},
            "levels whose splats are not drawn");
    visitor("view.splats.hidden_splats", k.splats.hidden, Limits{},
            "splats that are not drawn (splats.hide, splats.show)");
    visitor("camera.pivot", k.splats.pivot, Limits{}, "the point looked at");
    visitor("camera.yaw", k.splats.yaw, Limits{}, "angle about the vertical, radians");
    visitor("camera.pitch", k.splats.pitch, Limits{-1.58, 1.58},
            "angle above the horizon, radians");
    visitor("camera.distance", k.splats.distance, Limits{0, 1e9},
            "from the pivot; 0 = frame everything");
    visitor("camera.everything", k.splats.everything, Limits{},
            "framing holds far outliers too (camera.frame all)");
    visitor("camera.orthographic", k.splats.orthographic, Limits{}, "no perspective");
    visitor("tree.form", k.tree.form, Limits{},
            "the splats as icicle or nodelink, or the lineage: all that there were, over the "
            "cycles");
    visitor("tree.lines", k.tree.lines, Limits{},
            "splats that the lineage draws: all; those with events; those of the selected splats' "
            "families; automatic: the first of these that there is room for");
    visitor("tree.colour", k.tree.colour, Limits{}, "level, or a measure of splats");
    visitor("tree.find", k.tree.find, Limits{},
            "marks the splats whose names hold these letters; empty = none");
    visitor("tree.collapsed", k.tree.collapsed, Limits{}, "splats whose children are folded away");
    visitor("text.tint", k.text.tint, Limits{},
            "words tinted by attention from or to the selection, by splat, by level, by measure");
    visitor("text.measure", k.text.measure, Limits{},
            "the number of tokens that measure tints by: received, entropy, length, one of the "
            "data's own");
    visitor("text.hover", k.text.hover, Limits{},
            "the word under the pointer tints in the selection's place");
    visitor("text.arcs", k.text.arcs, Limits{0, 200},
            "strongest links among the words of the page, drawn as arcs; 0 = none");
    visitor("text.heat", k.text.heat, Limits{},
            "a strip beside every heading with the tint of its whole section");
    visitor("text.scroll", k.text.scroll, Limits{0, 1e12}, "first visible line");
    visitor("view.heads.fits", k.heads.fits, Limits{},
            "fit splats to every head of the grid, a few at a time");
    visitor("timeline.begin", k.timeline.begin, Limits{}, "first visible cycle");
    visitor("timeline.end", k.timeline.end, Limits{}, "end of the visible cycles; 0 = all");
    visitor("timeline.speed", k.timeline.speed, Limits{0.1, 1000},
            "cycles a second when the past is played");
    visitor("timeline.refused", k.timeline.refused, Limits{}, "draw refused trials too");
    visitor("timeline.lanes", k.timeline.lanes, Limits{}, "a lane a level, or a lane a kind");
    visitor("timeline.curve", k.timeline.curve, Limits{},
            "the measure drawn below the lanes; all: as many as there is room for");
    visitor("timeline.range_begin", k.timeline.range_begin, Limits{0, 1e6},
            "first of the selected cycles (timeline.range)");
    visitor("timeline.range_end", k.timeline.range_end, Limits{0, 1e6},
            "end of the selected cycles; not above the first = none");
    visitor("distributions.property", k.distributions.property, Limits{},
            "splat.<name> or token.<name>");
    visitor("distributions.logarithmic", k.distributions.logarithmic, Limits{}, "logarithmic axis");
    visitor("table.rows", k.table.rows, Limits{}, "what the table lists");
    visitor("table.splats.sort", k.table.splats.sort, Limits{},
            "the column that splats are sorted by, -COLUMN from the largest down; empty = by id");
    visitor("table.splats.filter", k.table.splats.filter, Limits{},
            "which splats are listed, an expression as of select.where; empty = all");
    visitor("table.tokens.sort", k.table.tokens.sort, Limits{},
            "the same of tokens; empty = as they stand in the text");
    visitor("table.tokens.filter", k.table.tokens.filter, Limits{},
            "which tokens are listed; empty = all");
    visitor("table.events.sort", k.table.events.sort, Limits{},
            "the same of events; empty = as they happened");
    visitor("table.events.filter", k.table.events.filter, Limits{},
            "which events are listed; empty = all");
    visitor("table.scroll", k.table.scroll, Limits{0, 1e12}, "first visible row of the table");
    visitor("table.column", k.table.column, Limits{0, 1000},
            "columns of the table that are scrolled away at the left");
    visitor("picture.format", k.picture.format, Limits{},
            "what the sheet of pictures (Ctrl+E) writes: png, svg or pdf");
    visitor("picture.unit", k.picture.unit, Limits{}, "its sizes: pixels, or mm on paper");
    visitor("picture.width", k.picture.width, Limits{0, 16384},
            "its pixels across; 0 = as many as the view usually has");
    visitor("picture.height", k.picture.height, Limits{0, 16384},
            "its pixels downwards; 0 = as many as the view usually has");
    visitor("picture.width_mm", k.picture.width_mm, Limits{5, 2000}, "its width on paper");
    visitor("picture.height_mm", k.picture.height_mm, Limits{5, 2000}, "its height on paper");
    visitor("picture.dpi", k.picture.dpi, Limits{36, 2400}, "its dots an inch of paper");
    visitor("picture.finer", k.picture.finer, Limits{1, 4},
            "pixels of its picture for each that was asked for, each way");
    visitor("picture.background", k.picture.background, Limits{},
            "what lies behind its picture: the theme's colour, white or nothing");
    visitor("picture.without", k.picture.without, Limits{},
            "what it leaves out: title, legend, bar, notes, axes, by commas");
    visitor("watch", k.watch, Limits{},
            "read open files again when they change on the disk, once nobody writes to them any "
            "more (--watch)");
    visitor("tool", k.tool, Limits{},
            "what dragging does: move orbits or pans; rectangle and lasso select");
    visitor("theme", k.theme, Limits{}, "dark, light or contrast");
    visitor("scale", k.scale, Limits{0.75, 3}, "size of everything in the window");
    visitor("guide", k.guide, Limits{},
            "says at the foot of the window what to try next, for the first five minutes");
    visitor("views.closed", k.closed_views, Limits{}, "ids of the views that are closed");
}

}  // namespace splatscope
