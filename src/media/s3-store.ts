import { createReadStream } from 'node:fs'
import { unlink } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { S3Driver } from 'flydrive/drivers/s3'
import type { ByteRange } from './http-range.ts'
import type { Place } from './settings.ts'
import { FileMissing, type LocalFile, type MediaStore } from './store.ts'

/** What goes wrong is thrown as well: nothing else writes to our log. */
const SILENT = { trace() {}, debug() {}, info() {}, warn() {}, error() {} }

type S3Place = Extract<Place, { kind: 's3' }>

/** flydrive's driver, which knows no ranges, over a client of ours. */
export class S3Store extends S3Driver implements MediaStore {
  readonly #client: S3Client
  readonly #place: S3Place

  constructor(place: S3Place) {
    const { bucket, region, endpoint, credentials } = place
    const client = new S3Client({
      region,
      ...(endpoint && { endpoint, forcePathStyle: true }),
      ...(credentials && { credentials }),
      // Newer checksums are unknown to most stores that are merely compatible.
      requestChecksumCalculation: 'WHEN_REQUIRED',
      responseChecksumValidation: 'WHEN_REQUIRED',
      requestHandler: { connectionTimeout: 5000, requestTimeout: 60_000 },
      logger: SILENT,
    })
    // The bucket's own policy decides who may read; many buckets refuse lists of their own per object.
    super({ client, bucket, visibility: 'private', supportsACL: false })
    this.#client = client
    this.#place = place
  }

  async keep(key: string, { path, bytes, contentType }: LocalFile): Promise<void> {
    // Nothing is no stream: its length would not be told.
    if (bytes === 0) await this.put(this.#full(key), new Uint8Array(), { contentType })
    else await this.putStream(this.#full(key), createReadStream(path), { contentLength: bytes, contentType })
    await unlink(path)
  }

  async read(key: string, range?: ByteRange): Promise<Readable> {
    const command = new GetObjectCommand({
      Bucket: this.#place.bucket,
      Key: this.#full(key),
      ...(range && { Range: `bytes=${range.from}-${range.to}` }),
    })
    const { Body } = await this.#client.send(command).catch((error) => {
      throw error.name === 'NoSuchKey' ? new FileMissing(key) : error
    })
    return Body as Readable
  }

  override delete(key: string): Promise<void> {
    return super.delete(this.#full(key))
  }

  /** A store that cannot be reached now may be there later; one that says no will go on saying so. */
  async check(): Promise<void> {
    try {
      await this.put(this.#full('.probe'), 'Pagewire may write here', { contentType: 'text/plain' })
    } catch (error) {
      const { $metadata, name } = error as { $metadata?: { httpStatusCode?: number }; name: string }
      const status = $metadata?.httpStatusCode ?? 0
      if (status >= 300 && status < 500) {
        throw new Error(`the bucket ${this.#place.bucket} of PAGEWIRE_MEDIA_STORE cannot be written to: ${name}`)
      }
    }
  }

  #full(key: string): string {
    return this.#place.prefix + key
  }
}
