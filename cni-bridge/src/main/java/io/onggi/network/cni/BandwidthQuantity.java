package io.onggi.network.cni;

import io.onggi.error.CriException;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A rate as Kubernetes writes it in annotations: "10M", "1.5Gi", "250k". */
final class BandwidthQuantity {
  private static final Pattern FORM =
      Pattern.compile("([0-9]+(?:\\.[0-9]+)?)(k|M|G|T|P|Ki|Mi|Gi|Ti|Pi)?");

  private static final Map<String, BigDecimal> FACTORS =
      Map.of(
          "k", BigDecimal.TEN.pow(3),
          "M", BigDecimal.TEN.pow(6),
          "G", BigDecimal.TEN.pow(9),
          "T", BigDecimal.TEN.pow(12),
          "P", BigDecimal.TEN.pow(15),
          "Ki", BigDecimal.TWO.pow(10),
          "Mi", BigDecimal.TWO.pow(20),
          "Gi", BigDecimal.TWO.pow(30),
          "Ti", BigDecimal.TWO.pow(40),
          "Pi", BigDecimal.TWO.pow(50));

  /** What the kubelet accepts: 1k to 1P (pkg/util/bandwidth of Kubernetes). */
  private static final BigDecimal LEAST = BigDecimal.TEN.pow(3);

  private static final BigDecimal MOST = BigDecimal.TEN.pow(15);

  private BandwidthQuantity() {}

  /**
   * Bits a second.
   *
   * @throws CriException.InvalidArgument naming the annotation, when it is no quantity or not
   *     within 1k to 1P
   */
  static long bits(String annotation, String text) {
    Matcher form = FORM.matcher(text);
    if (!form.matches() || text.length() > 32) {
      throw refused(annotation, text, "is no quantity such as 10M");
    }
    String unit = form.group(2);
    BigDecimal factor = unit == null ? BigDecimal.ONE : FACTORS.getOrDefault(unit, BigDecimal.ONE);
    BigDecimal value = new BigDecimal(form.group(1)).multiply(factor);
    if (value.compareTo(LEAST) < 0 || value.compareTo(MOST) > 0) {
      throw refused(annotation, text, "is not within 1k and 1P bits a second");
    }
    return value.setScale(0, RoundingMode.CEILING).longValueExact();
  }

  private static CriException refused(String annotation, String text, String why) {
    return new CriException.InvalidArgument(
        "annotation " + annotation + ": \"" + text + "\" " + why);
  }
}
