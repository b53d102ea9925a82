package dev.heddle.smiadapter.state;

/**
 * What holds for the whole mesh.
 *
 * @param trustDomain the domain of every identity
 * @param accessControl what happens to traffic that nothing grants
 * @param foreignGrants whether a grant holds that is written in another namespace than that of its
 *     destination, whose owners then do not decide alone who may call them
 */
public record MeshSettings(String trustDomain, AccessControl accessControl, boolean foreignGrants) {

  /** Settings by which only the owners of a namespace grant access to it. */
  public MeshSettings(String trustDomain, AccessControl accessControl) {
    this(trustDomain, accessControl, false);
  }
}
