package dev.heddle.smiadapter.state;

/**
 * What holds for the whole mesh.
 *
 * @param trustDomain the domain of every identity
 * @param accessControl what happens to traffic that nothing grants
 */
public record MeshSettings(String trustDomain, AccessControl accessControl) {}
