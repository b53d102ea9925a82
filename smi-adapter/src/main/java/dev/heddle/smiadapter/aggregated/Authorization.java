package dev.heddle.smiadapter.aggregated;

/** Says who may do what. */
@FunctionalInterface
interface Authorization {

  /**
   * Returns if the user may do it.
   *
   * @throws ApiException if not, or if it cannot be found out
   */
  void require(User user, Attributes attributes) throws ApiException;
}
