// SPDX-License-Identifier: MIT
// Bitmaps as rectangles, against the cells themselves, one by one.
#include "tests/widgets/sample_scene.h"
#include "widgets/paint/qt/cell_runs.h"

#include <QRandomGenerator>
#include <QTest>

using namespace depthscope;
using depthscope::paint::qt::CellRun;
using depthscope::paint::qt::cellRuns;

namespace {

constexpr std::array<scene::Color, 3> kColors{
    {{0, 0, 0, 0}, {255, 220, 0, 255}, {200, 200, 200, 255}}};

scene::Bitmap randomBitmap(int width, int height, quint32 seed) {
    QRandomGenerator random(seed);
    scene::Bitmap bitmap;
    bitmap.width = width;
    bitmap.height = height;
    for (int i = 0; i < width * height; ++i) {
        const scene::Color c = kColors.at(random.bounded(3U));
        bitmap.rgba.insert(bitmap.rgba.end(), {c.r, c.g, c.b, c.a});
    }
    return bitmap;
}

scene::Color cell(const scene::Bitmap& bitmap, int x, int y) {
    const auto at = static_cast<std::size_t>(y * bitmap.width + x) * 4;
    return {bitmap.rgba[at], bitmap.rgba[at + 1], bitmap.rgba[at + 2], bitmap.rgba[at + 3]};
}

} // namespace

class TestCellRuns : public QObject {
    Q_OBJECT

private Q_SLOTS:

    void coverEachCellOnce() {
        for (quint32 seed = 0; seed < 50; ++seed) {
            const scene::Bitmap bitmap =
                randomBitmap(1 + static_cast<int>(seed % 7), 1 + static_cast<int>(seed % 5), seed);
            std::vector<int> covered(bitmap.rgba.size() / 4);
            const auto runs = cellRuns(bitmap, 1000);
            for (const CellRun& run : *runs) {
                for (int y = run.y; y < run.y + run.height; ++y) {
                    for (int x = run.x; x < run.x + run.width; ++x) {
                        QVERIFY(cell(bitmap, x, y) == run.color);
                        ++covered[static_cast<std::size_t>(y * bitmap.width + x)];
                    }
                }
            }
            for (int y = 0; y < bitmap.height; ++y) {
                for (int x = 0; x < bitmap.width; ++x) {
                    QCOMPARE(covered[static_cast<std::size_t>(y * bitmap.width + x)],
                             cell(bitmap, x, y).a == 0 ? 0 : 1);
                }
            }
        }
    }

    // What a run covers beyond itself is painted over by a later one.
    void joinOnlyWhatComesLater() {
        for (quint32 seed = 0; seed < 50; ++seed) {
            const scene::Bitmap bitmap = randomBitmap(6, 5, seed);
            const auto opaque = [&](int x, int y) {
                return x < bitmap.width && y < bitmap.height && cell(bitmap, x, y).a == 255;
            };
            const auto runs = cellRuns(bitmap, 1000);
            for (const CellRun& run : *runs) {
                const int right = run.x + run.width;
                const int below = run.y + run.height;
                for (int y = run.y; run.joinsRight && y < below; ++y) {
                    QVERIFY(opaque(right, y));
                }
                for (int x = run.x; run.joinsBelow && x < right + (run.joinsRight ? 1 : 0); ++x) {
                    QVERIFY(opaque(x, below));
                }
            }
        }
    }

    void equalCellsAreOneRun() {
        scene::Bitmap bitmap{40, 3, {}};
        for (int i = 0; i < 120; ++i) {
            bitmap.rgba.insert(bitmap.rgba.end(), {1, 2, 3, 255});
        }
        QCOMPARE(cellRuns(bitmap, 1)->size(), std::size_t{1});
    }

    void tooManyAreNone() {
        const auto bitmap = tests::sampleBitmap(14, 3); // its 16 shades run across
        QVERIFY(cellRuns(*bitmap, 42));
        QVERIFY(!cellRuns(*bitmap, 41));
        QVERIFY(!cellRuns({}, 10));
    }
};

QTEST_APPLESS_MAIN(TestCellRuns)
#include "tst_cell_runs.moc"
