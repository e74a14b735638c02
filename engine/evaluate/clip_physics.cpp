// SPDX-License-Identifier: MIT
#include "engine/evaluate/clip_physics.h"

#include "engine/base/error.h"
#include "engine/base/quantile.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace depthscope::evaluate {

namespace {

/// An object is measured where this share of it is seen: else its centroid is not that of what is
/// seen.
constexpr double kWhole = 0.995;

/// Less of an object in a pixel than this is noise.
constexpr double kFaint = 0.1;

/// A pixel of this much of an object counts for its colour.
constexpr double kFilled = 0.8;

/// An object of less than this share of its area is lost.
constexpr double kLost = 0.1;

/// Two objects explain a pixel only where they come nearer to its colour than one before the ground
/// by more than this (square of 8-bit values, summed over the channels).
constexpr double kPairCost = 60;

using Colour = std::array<double, 3>;

Colour colourAt(std::span<const std::uint8_t> rgb, std::size_t pixel) {
    return {double(rgb[3 * pixel]), double(rgb[3 * pixel + 1]), double(rgb[3 * pixel + 2])};
}

Colour minus(const Colour& a, const Colour& b) {
    return {a[0] - b[0], a[1] - b[1], a[2] - b[2]};
}

double dot(const Colour& a, const Colour& b) {
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

/// The mixture of `from` and `to` that is nearest to a colour.
struct Mixture {
    double share = 0;    ///< of `to`
    double distance = 0; ///< square
};

Mixture nearest(const Colour& colour, const Colour& from, const Colour& to) {
    const Colour way = minus(to, from);
    const Colour wanted = minus(colour, from);
    const double length = dot(way, way);
    const double share = length > 0 ? std::clamp(dot(wanted, way) / length, 0.0, 1.0) : 0;
    const Colour rest{wanted[0] - share * way[0], wanted[1] - share * way[1],
                      wanted[2] - share * way[2]};
    return {share, dot(rest, rest)};
}

/// What was found of one object in a frame: sums over pixels, weighted by its share of them.
struct Found {
    double area = 0;
    double x = 0;
    double y = 0;
    double filled = 0;
    Colour colour{};

    void add(double share, const Colour& pixel, double pixelX, double pixelY) {
        if (share < kFaint) {
            return;
        }
        area += share;
        x += share * pixelX;
        y += share * pixelY;
        if (share > kFilled) {
            filled += 1;
            for (std::size_t c = 0; c < 3; ++c) {
                colour[c] += pixel[c];
            }
        }
    }
};

/// Which of the objects a pixel shows, one or two of them, and how much.
struct Owners {
    std::size_t first = 0;
    std::size_t second = 0; ///< counts where shareOfSecond > 0
    double share = 0;
    double shareOfSecond = 0;
};

Owners ownersOf(const Colour& pixel, const Colour& ground, const std::vector<Colour>& objects) {
    Owners owners;
    double best = std::numeric_limits<double>::infinity();
    for (std::size_t n = 0; n < objects.size(); ++n) {
        const Mixture one = nearest(pixel, ground, objects[n]);
        if (one.distance < best) {
            best = one.distance;
            owners = {n, n, one.share, 0};
        }
    }
    for (std::size_t n = 0; n < objects.size(); ++n) {
        for (std::size_t other = n + 1; other < objects.size(); ++other) {
            const Mixture two = nearest(pixel, objects[other], objects[n]);
            if (two.distance + kPairCost < best) {
                best = two.distance + kPairCost;
                owners = {n, other, two.share, 1 - two.share};
            }
        }
    }
    return owners;
}

std::vector<Found> find(const data::Clip& truth,
                        std::span<const std::uint8_t> ground,
                        std::span<const std::uint8_t> frame) {
    std::vector<Colour> colours;
    for (const data::Track& object : truth.objects) {
        colours.push_back(colourAt(object.colour, 0));
    }
    std::vector<Found> found(colours.size());
    const auto width = static_cast<std::size_t>(truth.size.width);
    for (std::size_t pixel = 0; pixel < truth.framePixels(); ++pixel) {
        const Colour colour = colourAt(frame, pixel);
        const Owners owners = ownersOf(colour, colourAt(ground, pixel), colours);
        const double x = static_cast<double>(pixel % width) + 0.5;
        const double y = static_cast<double>(pixel / width) + 0.5;
        found[owners.first].add(owners.share, colour, x, y);
        found[owners.second].add(owners.shareOfSecond, colour, x, y);
    }
    return found;
}

double colourError(const Found& found, const data::Rgb& colour) {
    double sum = 0;
    for (std::size_t c = 0; c < 3; ++c) {
        const double error = (found.colour[c] / found.filled - double(colour[c])) / 255;
        sum += error * error / 3;
    }
    return std::sqrt(sum);
}

} // namespace

void PhysicsMeter::add(const data::Clip& truth,
                       std::span<const std::uint8_t> ground,
                       const PredictedFrames& predicted) {
    const std::size_t frame = 3 * truth.framePixels();
    const auto first = static_cast<std::size_t>(predicted.first);
    const std::size_t count = predicted.rgb.size() / frame;
    if (predicted.rgb.size() % frame != 0 || ground.size() != truth.rgb.size() ||
        (first + count) * frame > truth.rgb.size()) {
        throw Error(ErrorCode::Internal, "physics: frames of another size than the clip's");
    }
    if (truth.objects.empty()) {
        return;
    }
    const double diagonal = std::hypot(truth.size.width, truth.size.height);
    for (std::size_t t = 0; t < count; ++t) {
        const std::vector<Found> all = find(truth, ground.subspan((first + t) * frame, frame),
                                            predicted.rgb.subspan(t * frame, frame));
        for (std::size_t n = 0; n < all.size(); ++n) {
            const data::Track& object = truth.objects[n];
            const data::TrackPoint& point = object.points[first + t];
            const Found& found = all[n];
            if (point.visible < kWhole) {
                ++m_hidden;
            } else if (found.area < kLost * object.area) {
                ++m_lost;
                m_distances.push_back(diagonal / 2);
            } else {
                m_distances.push_back(
                    std::hypot(found.x / found.area - point.x, found.y / found.area - point.y));
                m_areas.push_back(found.area / object.area);
                if (found.filled > 0) {
                    m_colours.push_back(colourError(found, object.colour));
                }
            }
        }
    }
}

PhysicsReport PhysicsMeter::report() const {
    constexpr double kLow = 0.1;
    constexpr double kMiddle = 0.5;
    constexpr double kHigh = 0.9;
    return {static_cast<std::int64_t>(m_distances.size()),
            m_hidden,
            m_lost,
            quantile(m_distances, kMiddle),
            quantile(m_distances, kHigh),
            quantile(m_areas, kLow),
            quantile(m_areas, kMiddle),
            quantile(m_areas, kHigh),
            quantile(m_colours, kMiddle)};
}

} // namespace depthscope::evaluate
