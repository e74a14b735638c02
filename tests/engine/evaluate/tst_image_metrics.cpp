// SPDX-License-Identifier: MIT
// PSNR and SSIM: what the ffmpeg program's filters say of the same planes, frame by frame, and
// closed forms.
#include "engine/data/procedural_clips.h"
#include "engine/evaluate/image_metrics.h"
#include "tests/engine/tolerance.h"

#include <QFile>
#include <QProcess>
#include <QRegularExpression>
#include <QTemporaryDir>
#include <QtTest>
#include <array>
#include <cmath>
#include <limits>

using namespace depthscope;
using namespace depthscope::evaluate;
using namespace depthscope::tests;
using data::ProceduralClips;

namespace {

bool hasProgram() {
    QProcess process;
    process.start("ffmpeg", {"-version"});
    return process.waitForFinished() && process.exitCode() == 0;
}

/// What a filter of the ffmpeg program writes of each frame, as raw RGB is read as three planes.
std::vector<QString>
filterLines(const QTemporaryDir& folder, const QString& filter, const spec::ClipSize& size) {
    const QString stats = folder.filePath(filter + ".log");
    const QString area = QString("%1x%2").arg(size.width).arg(size.height);
    // Without the processor's vector instructions, whose ssim of 5.1 leaves out windows of narrow
    // planes (1.0 for every plane of 8 x 8).
    QStringList words{"-v", "quiet", "-y", "-cpuflags", "0"};
    for (const char* name : {"a.rgb", "b.rgb"}) {
        words << "-f"
              << "rawvideo"
              << "-pix_fmt"
              << "rgb24"
              << "-s" << area << "-i" << folder.filePath(name);
    }
    words
        << "-lavfi"
        << QString("[0]format=gbrp[x];[1]format=gbrp[y];[x][y]%1=stats_file=%2").arg(filter, stats)
        << "-f"
        << "null"
        << "-";
    QProcess process;
    process.start("ffmpeg", words);
    QFile file(stats);
    if (!process.waitForFinished() || process.exitCode() != 0 || !file.open(QIODevice::ReadOnly)) {
        return {};
    }
    std::vector<QString> lines;
    for (const QByteArray& line : file.readAll().split('\n')) {
        if (!line.trimmed().isEmpty()) {
            lines.push_back(QString::fromUtf8(line));
        }
    }
    return lines;
}

/// "mse_r:12.5 .." -> 12.5 for "mse_r"
double valueOf(const QString& line, const QString& name) {
    const auto match = QRegularExpression("\\b" + name + ":([-0-9.einf]+)",
                                          QRegularExpression::CaseInsensitiveOption)
                           .match(line);
    return match.hasMatch() ? match.captured(1).toDouble()
                            : std::numeric_limits<double>::quiet_NaN();
}

void write(const QTemporaryDir& folder, const char* name, const std::vector<std::uint8_t>& bytes) {
    QFile file(folder.filePath(name));
    if (file.open(QIODevice::WriteOnly)) {
        file.write(reinterpret_cast<const char*>(bytes.data()), qint64(bytes.size()));
    }
}

} // namespace

class TestImageMetrics : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void asTheProgramMeasures_data();
    void asTheProgramMeasures();
    void closedForms();
    void bytes();
};

void TestImageMetrics::asTheProgramMeasures_data() {
    QTest::addColumn<QString>("preset");
    QTest::addColumn<int>("height");
    QTest::addColumn<int>("width");
    QTest::newRow("noise") << "sensor-noise" << 16 << 16;
    QTest::newRow("texture") << "texture-motion" << 48 << 64;
    QTest::newRow("still, and equal") << "still-shapes" << 16 << 24;
    QTest::newRow("odd sides") << "moving-shapes" << 35 << 43;
    QTest::newRow("one window") << "moving-shapes" << 8 << 8;
}

void TestImageMetrics::asTheProgramMeasures() {
    if (!hasProgram()) {
        QSKIP("NOT TESTED: the ffmpeg program was not found; install ffmpeg");
    }
    QFETCH(QString, preset);
    QFETCH(int, height);
    QFETCH(int, width);
    const spec::ClipSize size{6, height, width};
    const ProceduralClips clips(spec::findClipPreset(preset.toStdString()), size, 3);
    const data::Clip clip = clips.clip(0);
    const auto frame = 3 * clip.framePixels();
    std::vector<std::uint8_t> later = clip.rgb; // each frame against the one before it
    std::copy_backward(clip.rgb.begin(), clip.rgb.end() - std::ptrdiff_t(frame), later.end());
    const QTemporaryDir folder;
    write(folder, "a.rgb", clip.rgb);
    write(folder, "b.rgb", later);
    const std::vector<QString> errors = filterLines(folder, "psnr", size);
    const std::vector<QString> structure = filterLines(folder, "ssim", size);
    QCOMPARE(errors.size(), std::size_t{6});
    QCOMPARE(structure.size(), std::size_t{6});
    for (std::size_t t = 0; t < 6; ++t) {
        const std::span a = std::span(clip.rgb).subspan(t * frame, frame);
        const std::span b = std::span(later).subspan(t * frame, frame);
        const std::array<QString, 3> names{"r", "g", "b"};
        double sum = 0;
        for (int c = 0; c < 3; ++c) {
            const PlaneView one = channelOf(a, width, height, c);
            const PlaneView other = channelOf(b, width, height, c);
            const double error = meanSquaredError(one, other);
            const QString name = names[static_cast<std::size_t>(c)];
            sum += error;
            QVERIFY(std::abs(error - valueOf(errors[t], "mse_" + name)) <= kTwoDecimals);
            const double theirs = valueOf(errors[t], "psnr_" + name);
            QVERIFY(error == 0 ? std::isinf(psnr(error)) && std::isinf(theirs)
                               : std::abs(psnr(error) - theirs) <= kTwoDecimals);
            QVERIFY(std::abs(ssim(one, other) - valueOf(structure[t], name)) <= kSixDecimals);
        }
        QVERIFY(std::abs(sum / 3 - meanSquaredError(a, b)) < kDouble * (1 + sum));
        QVERIFY(std::abs(meanSquaredError(a, b) - valueOf(errors[t], "mse_avg")) <= kTwoDecimals);
        QVERIFY(std::abs(ssimOfRgb(a, b, width, height) - valueOf(structure[t], "All")) <=
                kSixDecimals);
    }
}

void TestImageMetrics::closedForms() {
    const std::vector<std::uint8_t> black(64, 0);
    const std::vector<std::uint8_t> white(64, 255);
    QCOMPARE(meanSquaredError(black, white), 65025.0);
    QCOMPARE(psnr(65025.0), 0.0);
    QCOMPARE(psnr(0.01, 1.0), 20.0);
    QVERIFY(std::isinf(psnr(0)));
    QVERIFY(std::isnan(meanSquaredError(std::span<const std::uint8_t>(), {})));
    const PlaneView plane{white, 8, 8, 1, 8};
    QCOMPARE(ssim(plane, plane), 1.0);
    QVERIFY(ssim(plane, {black, 8, 8, 1, 8}) < 1e-4);
    QVERIFY(std::isnan(ssim({white, 7, 8, 1, 8}, {black, 7, 8, 1, 8})));
}

void TestImageMetrics::bytes() {
    const std::vector<float> values{
        -1, 0, 0.5F, 1, 2, std::numeric_limits<float>::quiet_NaN(), 127.4F / 255};
    QCOMPARE(bytesOf(values), (std::vector<std::uint8_t>{0, 0, 128, 255, 255, 0, 127}));
}

QTEST_APPLESS_MAIN(TestImageMetrics)
#include "tst_image_metrics.moc"
